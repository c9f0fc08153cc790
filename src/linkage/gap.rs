//! Why a birth lacks its certificate or its household entry. Entry point: [`Scope::reason`].

use std::collections::BTreeMap;

use super::births::Register;
use super::loaded::Loaded;

/// Days within which a birth is to be entered.
const TERM: i32 = 30;

/// Which births the registers can know of.
pub(super) struct Scope {
    county: String,
    first_certificate: Option<i32>,
    last_entry: Option<i32>,
}

impl Scope {
    pub(super) fn of(loaded: &Loaded) -> Self {
        let household = &loaded.children[1];
        let mut counties: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &household.records {
            if let Some(county) = household.text(record, "region_code").get(..6) {
                *counties.entry(county).or_default() += 1;
            }
        }
        let certificates = &loaded.children[0];
        Self {
            county: counties
                .into_iter()
                .max_by_key(|(_, n)| *n)
                .map(|(county, _)| county.to_owned())
                .unwrap_or_default(),
            first_certificate: certificates
                .records
                .iter()
                .filter_map(|r| certificates.number(r, "birth_date"))
                .min(),
            last_entry: household
                .records
                .iter()
                .filter_map(|r| household.number(r, "registration_date"))
                .max(),
        }
    }

    /// Why a birth lacks its certificate or its household entry; `None` when it has both.
    pub(super) fn reason(
        &self,
        loaded: &Loaded,
        rows: &[u32],
        date: Option<i32>,
    ) -> Option<&'static str> {
        let of = |register: Register| {
            rows.iter()
                .map(|row| loaded.child(*row))
                .find(move |found| found.2 == register)
        };
        match (of(Register::Certificates), of(Register::Household)) {
            (Some(_), Some(_)) => None,
            (_, None) => {
                let elsewhere =
                    rows.iter()
                        .map(|row| loaded.child(*row))
                        .any(|(records, record, ..)| {
                            let region = records.text(record, "region_code");
                            !region.is_empty()
                                && !self.county.is_empty()
                                && !region.starts_with(&self.county)
                        });
                let due = date
                    .zip(self.last_entry)
                    .is_some_and(|(date, last)| date + TERM <= last);
                Some(if elsewhere {
                    "non_resident_mother"
                } else if due {
                    "unexplained"
                } else {
                    "not_yet_due"
                })
            }
            (None, Some((records, record, ..))) => {
                let outside = date
                    .zip(self.first_certificate)
                    .is_some_and(|(date, first)| date < first);
                Some(if outside {
                    "outside_period"
                } else if records.text(record, "registration_reason") == "moved_in" {
                    "moved_in"
                } else {
                    "unexplained"
                })
            }
        }
    }
}
