//! Curves of basic operations only. What the system's mathematics library rounds differs from one to the next; the weights and what
//! they say must not.

/// e to the power of `x`.
pub fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let whole = (x * std::f64::consts::LOG2_E).round();
    let rest = x - whole * std::f64::consts::LN_2;
    // Twelve terms of the series: exact to the last bits for |rest| ≤ ln 2 / 2.
    let series = (1..=12).rev().fold(1.0, |sum, term| 1.0 + sum * rest / f64::from(term));
    #[expect(clippy::cast_possible_truncation, reason = "|whole| ≤ 1010")]
    let power = whole as i32;
    series * 2f64.powi(power)
}

/// 1 / (1 + e^-x)
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent.
pub fn tanh(x: f32) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "between -1 and 1")]
    let result = (1.0 - 2.0 / (1.0 + exp(2.0 * f64::from(x)))) as f32;
    result
}

/// The natural logarithm of a positive number.
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    #[expect(clippy::cast_possible_wrap, reason = "eleven bits")]
    let power = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let fraction = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    // ln f = 2 artanh((f-1)/(f+1)), |.| ≤ 1/3.
    let part = (fraction - 1.0) / (fraction + 1.0);
    let square = part * part;
    let series = (0..20).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    #[expect(clippy::cast_precision_loss, reason = "eleven bits")]
    let power = power as f64;
    power * std::f64::consts::LN_2 + 2.0 * part * series
}
