//! Where an address is, as a database of addresses says: roughly, with the radius in which it may as well be elsewhere.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A point on the Earth, in degrees, and in how many kilometres around it the truth lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    latitude: f64,
    longitude: f64,
    /// Kilometres.
    radius: f64,
}

/// The Earth's mean radius in kilometres (IUGG).
const EARTH: f64 = 6371.0088;

impl Point {
    /// A point; none where the numbers are not on the Earth.
    pub fn new(latitude: f64, longitude: f64, radius: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        (on_earth && (0.0..=21_000.0).contains(&radius)).then_some(Self { latitude, longitude, radius })
    }

    /// Kilometres between the two, at the least: over the surface of a sphere, less what is uncertain.
    pub fn apart(&self, other: &Self) -> f64 {
        let [a, b] = [self, other].map(|point| point.latitude.to_radians());
        let turned = (other.longitude - self.longitude).to_radians();
        let half = ((b - a) / 2.0).sin().powi(2) + a.cos() * b.cos() * (turned / 2.0).sin().powi(2);
        let middle = 2.0 * EARTH * half.clamp(0.0, 1.0).sqrt().asin();
        (middle - self.radius - other.radius).max(0.0)
    }
}

/// What is known of a place. Not every database knows everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The country's two letters, or its name where it has none.
    pub country: Option<String>,
    /// The country's English name.
    pub country_name: Option<String>,
    /// The city's English name.
    pub city: Option<String>,
    /// Where, where it is known how exactly.
    pub point: Option<Point>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let country = self.country_name.as_deref().or(self.country.as_deref());
        match (&self.city, country) {
            (Some(city), Some(country)) => write!(f, "{city}, {country}"),
            (Some(one), None) => f.write_str(one),
            (None, Some(one)) => f.write_str(one),
            (None, None) => f.write_str("an unnamed place"),
        }
    }
}

/// From where an event came, for the judges: they look nothing up themselves.
#[derive(Clone, Copy, Debug, Default)]
pub enum Whence<'p> {
    /// There is no database: nothing may be called a new place.
    #[default]
    NotAsked,
    /// The database does not know the address, or it is a private one.
    Unknown,
    /// It is here.
    At(&'p Place),
}

/// Whether an address is one of the Internet's: private ones are nowhere in particular.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let carriers = a == 100 && (64..128).contains(&b);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
                || carriers)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local())
        }
    }
}

/// A name out of a database, of a length that fits a line.
pub(crate) fn bounded_name(name: &str) -> Option<String> {
    let name: Cow<'_, str> = name.chars().filter(|letter| !letter.is_control()).take(64).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64, radius: f64) -> Point {
        Point::new(latitude, longitude, radius).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_globe_less_what_is_uncertain() {
        let berlin = point(52.52, 13.405, 0.0);
        let sydney = point(-33.868, 151.209, 0.0);
        assert!((berlin.apart(&sydney) - 16_090.0).abs() < 30.0, "{}", berlin.apart(&sydney));
        assert!((berlin.apart(&point(-33.868, 151.209, 500.0)) - 15_590.0).abs() < 30.0);
        let around_the_date_line = point(0.0, 179.9, 0.0).apart(&point(0.0, -179.9, 0.0));
        assert!((around_the_date_line - 22.2).abs() < 0.2, "{around_the_date_line}");
        assert!(point(90.0, 0.0, 0.0).apart(&point(-90.0, 0.0, 0.0)) < 20_016.0);
        assert!(berlin.apart(&point(52.4, 13.1, 50.0)) < f64::EPSILON);
    }

    #[test]
    fn what_is_not_on_the_earth_is_no_point() {
        for (latitude, longitude, radius) in
            [(91.0, 0.0, 1.0), (0.0, 181.0, 1.0), (f64::NAN, 0.0, 1.0), (0.0, 0.0, -1.0), (0.0, 0.0, f64::INFINITY)]
        {
            assert_eq!(Point::new(latitude, longitude, radius), None);
        }
    }

    #[test]
    fn private_addresses_are_nowhere() {
        for private in
            ["10.0.0.1", "192.168.3.4", "100.64.0.1", "127.0.0.1", "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"]
        {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "100.128.0.1", "2a00::1", "::ffff:8.8.8.8"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
