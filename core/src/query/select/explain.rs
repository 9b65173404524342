//! What the server is going to do for a query, and what it did.
//!
//! A session's `explain` asks for it.
//! It must not depend on a server's version: what it does not know stays in the JSON.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};

/// Whether a query is only planned or also run. See [`Session::explain`](crate::Session::explain).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explain {
    /// The plan with its estimates; the query is not run.
    Plan,
    /// The query is run, with all that it does, and its rows are thrown away: the plan with what
    /// really happened.
    Analyze,
}

/// How a query is explained: an [`Explain`] with more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExplainOptions {
    how: Explain,
    verbose: bool,
    buffers: bool,
}

impl Explain {
    /// Also the columns of each step, and names with their schema.
    pub fn verbose(self) -> ExplainOptions {
        ExplainOptions::from(self).verbose()
    }

    /// Also how many blocks each step read, and from where.
    pub fn buffers(self) -> ExplainOptions {
        ExplainOptions::from(self).buffers()
    }
}

impl ExplainOptions {
    /// Also the columns of each step, and names with their schema.
    pub fn verbose(mut self) -> Self {
        self.verbose = true;
        self
    }

    /// Also how many blocks each step read, and from where.
    pub fn buffers(mut self) -> Self {
        self.buffers = true;
        self
    }

    /// Whether the query is run.
    pub(crate) fn runs(self) -> bool {
        self.how == Explain::Analyze
    }

    /// What stands before the query.
    pub(crate) fn prefix(self) -> String {
        let analyze = if self.runs() { ", ANALYZE" } else { "" };
        let verbose = if self.verbose { ", VERBOSE" } else { "" };
        let buffers = if self.buffers { ", BUFFERS" } else { "" };
        format!("EXPLAIN (FORMAT JSON{analyze}{verbose}{buffers}) ")
    }
}

impl From<Explain> for ExplainOptions {
    fn from(how: Explain) -> Self {
        ExplainOptions {
            how,
            verbose: false,
            buffers: false,
        }
    }
}

/// The server's explanation of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    json: Value,
    parsed: Parsed,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Parsed {
    #[serde(rename = "Plan")]
    plan: PlanNode,
    #[serde(rename = "Planning Time")]
    planning: Option<f64>,
    #[serde(rename = "Execution Time")]
    execution: Option<f64>,
}

/// One step of a plan, with the steps that feed it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct PlanNode {
    /// What it does: `Seq Scan`, `Hash Join`.
    #[serde(rename = "Node Type")]
    pub node_type: String,
    /// The table that it reads.
    #[serde(rename = "Relation Name")]
    pub relation: Option<String>,
    /// The table's name in the query.
    #[serde(rename = "Alias")]
    pub alias: Option<String>,
    /// The index that it reads.
    #[serde(rename = "Index Name")]
    pub index: Option<String>,
    /// The estimated cost until the first row.
    #[serde(rename = "Startup Cost", default)]
    pub startup_cost: f64,
    /// The estimated cost until the last row.
    #[serde(rename = "Total Cost", default)]
    pub total_cost: f64,
    /// The estimated number of rows.
    #[serde(rename = "Plan Rows", default)]
    pub plan_rows: f64,
    /// The estimated number of bytes of a row.
    #[serde(rename = "Plan Width", default)]
    pub plan_width: u64,
    /// The number of rows of each loop, when it was run.
    #[serde(rename = "Actual Rows")]
    pub actual_rows: Option<f64>,
    /// How often it was run.
    #[serde(rename = "Actual Loops")]
    pub actual_loops: Option<f64>,
    /// Milliseconds until the first row of a loop.
    #[serde(rename = "Actual Startup Time")]
    pub actual_startup_time: Option<f64>,
    /// Milliseconds until the last row of a loop.
    #[serde(rename = "Actual Total Time")]
    pub actual_total_time: Option<f64>,
    /// The steps that feed it.
    #[serde(rename = "Plans", default)]
    pub plans: Vec<PlanNode>,
    /// What else the server says of it, under the server's names.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Explanation {
    /// Reads what the server answered.
    ///
    /// # Errors
    /// `Conversion` when that is no plan.
    pub(crate) fn read(json: Value) -> Result<Explanation, Error> {
        let first = json.get(0).cloned().unwrap_or(Value::Null);
        let parsed = serde_json::from_value(first).map_err(|source| {
            let place = "the server's explanation".to_owned();
            Error::new(ErrorKind::Conversion { place }).with_source(source)
        })?;
        Ok(Explanation { json, parsed })
    }

    /// The plan: its last step, with those that feed it inside.
    pub fn parsed(&self) -> &PlanNode {
        &self.parsed.plan
    }

    /// All steps, each before those that feed it.
    pub fn steps(&self) -> Vec<&PlanNode> {
        let mut steps = vec![self.parsed()];
        let mut at = 0;
        while let Some(step) = steps.get(at).copied() {
            at += 1;
            steps.splice(at..at, step.plans.iter());
        }
        steps
    }

    /// Milliseconds that planning took, where the server says it.
    pub fn planning_time(&self) -> Option<f64> {
        self.parsed.planning
    }

    /// Milliseconds that the query took, when it was run.
    pub fn execution_time(&self) -> Option<f64> {
        self.parsed.execution
    }

    /// What the server answered.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The plan for people, a line for each step and what is said of it, laid out as psql does.
    pub fn text(&self) -> String {
        let mut out = String::new();
        write_step(&mut out, self.parsed(), 0);
        let times = [
            ("Planning Time", self.planning_time()),
            ("Execution Time", self.execution_time()),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                out.push_str(&format!("{name}: {time:.3} ms\n"));
            }
        }
        out
    }
}

fn write_step(out: &mut String, step: &PlanNode, depth: usize) {
    let arrow = if depth == 0 { "" } else { "->  " };
    let indent = " ".repeat(depth.saturating_sub(1) * 6 + if depth == 0 { 0 } else { 2 });
    out.push_str(&format!("{indent}{arrow}{}", step.node_type));
    if let Some(index) = &step.index {
        out.push_str(&format!(" using {index}"));
    }
    if let Some(relation) = &step.relation {
        out.push_str(&format!(" on {relation}"));
    }
    match &step.alias {
        Some(alias) if step.relation.as_ref() != Some(alias) => out.push_str(&format!(" {alias}")),
        _ => {}
    }
    let (startup, total) = (step.startup_cost, step.total_cost);
    let (rows, width) = (step.plan_rows, step.plan_width);
    out.push_str(&format!(
        "  (cost={startup:.2}..{total:.2} rows={rows} width={width})"
    ));
    if let (Some(rows), Some(loops)) = (step.actual_rows, step.actual_loops) {
        let times = step.actual_startup_time.zip(step.actual_total_time);
        let times = times.map_or(String::new(), |(first, last)| {
            format!("time={first:.3}..{last:.3} ")
        });
        out.push_str(&format!(" (actual {times}rows={rows} loops={loops})"));
    }
    out.push('\n');
    let indent = " ".repeat(depth * 6 + 2);
    for (name, value) in &step.more {
        if let Some(value) = in_words(value) {
            out.push_str(&format!("{indent}{name}: {value}\n"));
        }
    }
    for inner in &step.plans {
        write_step(out, inner, depth + 1);
    }
}

/// Texts, numbers and lists of them; what is usual is left out.
fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.as_f64() == Some(0.0) => None,
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().filter_map(in_words).collect();
            Some(values.join(", "))
        }
        Value::Bool(true) => Some("true".to_owned()),
        Value::Bool(false) | Value::Null | Value::Object(_) => None,
    }
}
