//! The CIS Docker Benchmark 1.6.0 as a view of the findings.
