//! Answers of a Prometheus server to `query_range`, with bounds: whoever answers may be hostile. Speaks to nobody itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Gathered;

/// Series of one answer that are taken.
const SERIES: usize = 10_000;
/// Points of one series: Prometheus itself gives no more than 11,000.
const POINTS: usize = 20_000;

/// What is asked where nobody says what.
pub static DEFAULTS: &[(&str, &str)] = &[
    ("cpu_busy", "100 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m])) * 100"),
    ("cpu_iowait", "avg by (instance) (rate(node_cpu_seconds_total{mode=\"iowait\"}[5m])) * 100"),
    ("load1", "node_load1"),
    ("memory_used", "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"),
    ("network_in", "sum by (instance) (rate(node_network_receive_bytes_total{device!=\"lo\"}[5m]))"),
    ("network_out", "sum by (instance) (rate(node_network_transmit_bytes_total{device!=\"lo\"}[5m]))"),
    ("disk_read", "sum by (instance) (rate(node_disk_read_bytes_total[5m]))"),
    ("disk_written", "sum by (instance) (rate(node_disk_written_bytes_total[5m]))"),
    ("switches", "rate(node_context_switches_total[5m])"),
    ("processes", "node_procs_running"),
    ("container_cpu", "sum by (instance, name) (rate(container_cpu_usage_seconds_total{name!=\"\"}[5m])) * 100"),
    ("container_memory", "sum by (instance, name) (container_memory_working_set_bytes{name!=\"\"})"),
    ("container_network_in", "sum by (instance, name) (rate(container_network_receive_bytes_total{name!=\"\"}[5m]))"),
    ("container_network_out", "sum by (instance, name) (rate(container_network_transmit_bytes_total{name!=\"\"}[5m]))"),
];

/// Why an answer is none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no JSON of the API.
    #[error("understand its answer: {0}")]
    Json(#[from] serde_json::Error),
    /// The server says no.
    #[error("have {0:?} answered: {1}")]
    Refused(String, String),
    /// It gives something else than series.
    #[error("use its answer: it is of the type {0:?}, and a series (\"matrix\") was asked for")]
    Type(String),
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    kind: String,
    #[serde(default)]
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

/// One value of one metric of one node.
type Point = (i64, String, String, f64);

/// Values of several answers, put in the order of time before they are judged: metrics of one node vote on the same minute.
#[derive(Debug, Default)]
pub struct Answers {
    points: Vec<Point>,
    /// Series beyond as many as are taken.
    pub refused: u64,
}

impl Answers {
    /// Takes an answer to the query called `name`.
    ///
    /// # Errors
    /// It is none.
    pub fn take(&mut self, name: &str, bytes: &[u8]) -> Result<usize, Error> {
        let answer: Answer = serde_json::from_slice(bytes)?;
        let data = answer.data.filter(|_| answer.status == "success").ok_or_else(|| {
            let why: String =
                answer.error.unwrap_or_else(|| "it gives no reason".to_owned()).chars().take(300).collect();
            Error::Refused(name.chars().take(100).collect(), why)
        })?;
        if data.kind != "matrix" {
            return Err(Error::Type(data.kind.chars().take(40).collect()));
        }
        self.refused += (data.result.len() as u64).saturating_sub(SERIES as u64);
        let count = data.result.len().min(SERIES);
        for series in data.result.into_iter().take(SERIES) {
            let (node, metric) = place(name, &series.metric);
            for (time, value) in series.values.into_iter().take(POINTS) {
                #[expect(clippy::cast_possible_truncation, reason = "a number out of range becomes the nearest in it")]
                let second = time.floor() as i64;
                // "NaN" and "+Inf" are values there, and say nothing here.
                if let Ok(value) = value.parse::<f64>() {
                    self.points.push((second, node.clone(), metric.clone(), value));
                }
            }
        }
        Ok(count)
    }

    /// Has everything judged.
    pub fn judge(mut self) -> Gathered {
        let mut gathered = Gathered::default();
        self.points.sort_by_key(|point| point.0);
        gathered.records = self.points.len() as u64;
        for (second, node, metric, value) in &self.points {
            gathered.see(node, metric, *second, *value);
        }
        gathered
    }
}

/// Which node, `HOST` or `CONTAINER@HOST`, and which metric; labels beside these tell metrics of one name apart.
fn place(name: &str, labels: &BTreeMap<String, String>) -> (String, String) {
    let short = |text: &str| text.chars().take(100).collect::<String>();
    let label = |key: &str| labels.get(key).map(|value| short(value)).filter(|value| !value.is_empty());
    let host = label("instance")
        .or_else(|| label("host"))
        .or_else(|| label("node"))
        .unwrap_or_else(|| "prometheus".to_owned());
    let node = match label("name").or_else(|| label("container")) {
        Some(container) => format!("{container}@{host}"),
        None => host,
    };
    let known = ["instance", "host", "node", "name", "container", "job", "__name__", "id", "image"];
    let rest: Vec<String> = labels
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_str()))
        .take(4)
        .map(|(key, value)| format!("{}={}", short(key), short(value)))
        .collect();
    let metric = if rest.is_empty() { short(name) } else { format!("{} {}", short(name), rest.join(" ")) };
    (node, metric.chars().take(190).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_become_metrics_of_the_node_that_their_labels_name() {
        let answer = br#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"instance":"web1:9100","job":"node"},"values":[[1790000000,"1.5"],[1790000060.5,"NaN"]]},
            {"metric":{"instance":"web1:9100","name":"shop","cpu":"0"},"values":[[1790000000,"2"]]}]}}"#;
        let mut answers = Answers::default();
        assert_eq!(answers.take("cpu", answer).unwrap(), 2);
        let gathered = answers.judge();
        let metrics: Vec<(String, String)> = gathered
            .nodes
            .iter()
            .flat_map(|(node, known)| known.metrics().map(|(metric, _)| (node.clone(), metric.to_owned())))
            .collect();
        assert_eq!(metrics, [("shop@web1:9100".into(), "cpu cpu=0".into()), ("web1:9100".into(), "cpu".into())]);
        assert_eq!(gathered.nodes.values().map(|node| node.odd().values).sum::<u64>(), 1);
    }

    #[test]
    fn what_is_no_answer_is_said_with_the_words_of_the_server() {
        let said = |bytes: &[u8]| Answers::default().take("cpu", bytes).unwrap_err().to_string();
        let refused = br#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
        assert_eq!(said(refused), "have \"cpu\" answered: parse error");
        let vector = br#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
        assert!(said(vector).contains("\"vector\""));
        assert!(said(b"<html>").starts_with("understand its answer"));
        assert!(said("[".repeat(100_000).as_bytes()).starts_with("understand its answer"));
    }
}
