//! Whom it happened to, checked against what VERIS allows.

use serde_json::{Value, json};

/// The victim as the settings give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerisVictim {
    country: String,
    industry: String,
    employees: String,
    name: Option<String>,
}

/// Numbers of employees in the words of VERIS.
pub(super) const EMPLOYEES: [&str; 11] = [
    "1 to 10",
    "11 to 100",
    "101 to 1000",
    "1001 to 10000",
    "10001 to 25000",
    "25001 to 50000",
    "50001 to 100000",
    "Over 100000",
    "Small",
    "Large",
    "Unknown",
];

/// The sectors of NAICS, in their first two digits.
const SECTORS: [&str; 25] = [
    "00", "11", "21", "22", "23", "31", "32", "33", "42", "44", "45", "48", "49", "51", "52", "53", "54", "55", "56",
    "61", "62", "71", "72", "81", "92",
];

impl Default for VerisVictim {
    fn default() -> Self {
        Self { country: "Unknown".to_owned(), industry: "00".to_owned(), employees: "Unknown".to_owned(), name: None }
    }
}

impl VerisVictim {
    /// Checks what the settings say; empty text is unknown.
    ///
    /// # Errors
    /// A sentence about what cannot be used, and what can.
    pub fn new(country: &str, industry: &str, employees: &str, name: &str) -> Result<Self, String> {
        let mut victim = Self::default();
        if !country.is_empty() {
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(format!("victim_country is {country:?}: write two capitals, such as DE (ISO 3166-1)"));
            }
            country.clone_into(&mut victim.country);
        }
        if !industry.is_empty() {
            let sector = industry.get(..2).unwrap_or_default();
            let digits = industry.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !(2..=6).contains(&industry.len()) || !SECTORS.contains(&sector) {
                return Err(format!(
                    "victim_industry is {industry:?}: write a NAICS code of two to six digits, such as 52 or 519190"
                ));
            }
            industry.clone_into(&mut victim.industry);
        }
        if !employees.is_empty() {
            if !EMPLOYEES.contains(&employees) {
                return Err(format!("victim_employees is {employees:?}: write one of {}", EMPLOYEES.join(", ")));
            }
            employees.clone_into(&mut victim.employees);
        }
        victim.name = Some(name.to_owned()).filter(|name| !name.is_empty());
        Ok(victim)
    }

    pub(super) fn value(&self) -> Value {
        let public = self.industry.starts_with("92");
        let mut value = json!({
            "country": [self.country],
            "industry": self.industry,
            "employee_count": self.employees,
            "government": [if public { "Unknown" } else { "NA" }],
        });
        if let (Some(name), Some(fields)) = (&self.name, value.as_object_mut()) {
            fields.insert("victim_id".to_owned(), json!(name));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_veris_has_no_word_for_is_refused_with_what_it_has() {
        assert!(VerisVictim::new("", "", "", "").is_ok());
        assert!(VerisVictim::new("DE", "519190", "11 to 100", "Example").is_ok());
        for (country, industry, employees) in
            [("de", "", ""), ("Germany", "", ""), ("", "5", ""), ("", "99", ""), ("", "52a", ""), ("", "", "12")]
        {
            let error = VerisVictim::new(country, industry, employees, "").unwrap_err();
            assert!(error.contains("write"), "{error}");
        }
    }
}
