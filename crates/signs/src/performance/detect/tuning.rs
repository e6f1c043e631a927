//! The constants of the detector: the same for every series. `docs/performance-sign.md` says how they were found.

/// See each field. Times are in points, costs in nats (−ln p).
#[derive(Clone, Debug)]
pub struct Tuning {
    /// What is left of the record after a point: how surprising something must be to be news after something surprising.
    pub record_kept: f64,
    /// How much of a surprise below the record is still said.
    pub below_record: f64,
    /// Seasons of a day are believed where what is left beside them is smaller than this part of what there is without them.
    pub day_believed: f64,
    /// The same for the week, against the day.
    pub week_believed: f64,
    /// What a surprise in the week costs.
    pub week_cost: f64,
    /// How fast a bin of the day follows.
    pub day_follows: f64,
    /// How fast a bin of the week follows, per hour.
    pub week_follows: f64,
    /// The part of the usual deviation that is added to a bin's own spread.
    pub spread_floor: f64,
    /// What a surprise in each moving mean costs: of 1, 4, 16 and 64 points.
    pub mean_costs: [f64; 4],
    /// What a surprise in the roughness costs: of 1 and 16 points.
    pub rough_costs: [f64; 2],
    /// The exponent of the power mean that joins surprises.
    pub joined_by: f64,
    /// The part of all points that counts as the tail.
    pub tail_part: f64,
    /// The least scale of a tail, as a part of the usual deviation.
    pub tail_floor: f64,
    /// The heaviest tail that is believed.
    pub tail_heaviest: f64,
    /// The most surprise that rarity alone gives.
    pub tail_base: f64,
    /// Points after which a tail forgets.
    pub horizon: u32,
    /// How much of what has just been said is not said again at once.
    pub echo_part: f64,
    /// What is left of that after a point.
    pub echo_kept: f64,
}

impl Tuning {
    /// What Keelguard ships.
    pub const SHIPPED: Self = Self {
        record_kept: 0.999_985,
        below_record: 0.148,
        day_believed: 0.68,
        week_believed: 0.53,
        week_cost: 0.3,
        day_follows: 0.233,
        week_follows: 0.57,
        spread_floor: 0.83,
        mean_costs: [2.0, 3.6, 2.23, 2.13],
        rough_costs: [2.07, 3.72],
        joined_by: 7.1,
        tail_part: 0.0228,
        tail_floor: 0.21,
        tail_heaviest: 0.18,
        tail_base: 2.98,
        horizon: 25_000,
        echo_part: 0.47,
        echo_kept: 0.9844,
    };
}
