//! Writes small databases in the MaxMind DB format (version 2.0 of its specification), so that tests have addresses at
//! known places.

use std::net::Ipv4Addr;

/// A value of the format.
#[derive(Clone, Debug)]
pub enum Value {
    Text(&'static str),
    Double(f64),
    U16(u16),
    U32(u32),
    U64(u64),
    List(Vec<Value>),
    Map(Vec<(&'static str, Value)>),
}

impl Value {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                head(2, text.len(), out);
                out.extend(text.as_bytes());
            }
            Self::Double(number) => {
                head(3, 8, out);
                out.extend(number.to_be_bytes());
            }
            Self::U16(number) => {
                head(5, 2, out);
                out.extend(number.to_be_bytes());
            }
            Self::U32(number) => {
                head(6, 4, out);
                out.extend(number.to_be_bytes());
            }
            Self::U64(number) => {
                head(9, 8, out);
                out.extend(number.to_be_bytes());
            }
            Self::List(values) => {
                head(11, values.len(), out);
                for value in values {
                    value.write(out);
                }
            }
            Self::Map(fields) => {
                head(7, fields.len(), out);
                for (name, value) in fields {
                    Self::Text(name).write(out);
                    value.write(out);
                }
            }
        }
    }
}

/// Type and size; types above seven are in a byte of their own.
fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
    let size = u8::try_from(size).unwrap();
    assert!(size < 29, "longer values are not needed here");
    if kind > 7 {
        out.extend([size, kind - 7]);
    } else {
        out.push(kind << 5 | size);
    }
}

/// A place as GeoLite2-City has it.
pub fn city(code: &'static str, country: &'static str, city: &'static str, at: (f64, f64, u16)) -> Value {
    let named = |name| Value::Map(vec![("en", Value::Text(name)), ("de", Value::Text("x"))]);
    let (latitude, longitude, radius) = at;
    Value::Map(vec![
        ("city", Value::Map(vec![("names", named(city)), ("geoname_id", Value::U32(1))])),
        ("country", Value::Map(vec![("iso_code", Value::Text(code)), ("names", named(country))])),
        (
            "location",
            Value::Map(vec![
                ("accuracy_radius", Value::U16(radius)),
                ("latitude", Value::Double(latitude)),
                ("longitude", Value::Double(longitude)),
            ]),
        ),
    ])
}

/// A database of IPv4 networks and what it says of each.
pub fn database(kind: &'static str, networks: &[(Ipv4Addr, u8, Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut nodes: Vec<[Option<Record>; 2]> = vec![[None; 2]];
    for (address, length, value) in networks {
        let at = data.len();
        value.write(&mut data);
        let bit = |depth: u8| usize::from(u32::from(*address) >> (31 - depth) & 1 == 1);
        let mut node = 0;
        for depth in 0..length - 1 {
            node = if let Some(Record::Node(next)) = nodes[node][bit(depth)] {
                next
            } else {
                nodes.push([None; 2]);
                let next = nodes.len() - 1;
                nodes[node][bit(depth)] = Some(Record::Node(next));
                next
            };
        }
        nodes[node][bit(length - 1)] = Some(Record::Data(at));
    }
    let mut out = Vec::new();
    for record in nodes.iter().flatten() {
        let number = match record {
            None => nodes.len(),
            Some(Record::Node(node)) => *node,
            Some(Record::Data(at)) => nodes.len() + 16 + at,
        };
        out.extend(&u32::try_from(number).unwrap().to_be_bytes()[1..]);
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    Value::Map(vec![
        ("binary_format_major_version", Value::U16(2)),
        ("binary_format_minor_version", Value::U16(0)),
        ("build_epoch", Value::U64(1_795_000_000)),
        ("database_type", Value::Text(kind)),
        ("description", Value::Map(vec![("en", Value::Text("a test"))])),
        ("ip_version", Value::U16(4)),
        ("languages", Value::List(vec![Value::Text("en")])),
        ("node_count", Value::U32(u32::try_from(nodes.len()).unwrap())),
        ("record_size", Value::U16(24)),
    ])
    .write(&mut out);
    out
}

#[derive(Clone, Copy, Debug)]
enum Record {
    Node(usize),
    Data(usize),
}
