//! Things that a list names and that are then asked about one by one, since only then do they say with which role they run.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::collect::client::in_path;
use crate::collect::failure::Failure;
use crate::collect::service::{
    AGENTCORE, AGENTS, APPRUNNER, CLOUDFORMATION, CODEPIPELINE, EMR, PIPES, SAGEMAKER, SCHEDULER, STATES, Service,
};
use crate::collect::session::{List, Session, each};

/// One kind of thing.
struct Named {
    service: &'static Service,
    /// What messages call the list.
    listed_by: &'static str,
    /// The operation that lists, where the list is, and the next page's token as parameter and in the answer.
    list: (&'static str, &'static str, &'static str, &'static str),
    /// Parameters of the list, as JSON: those that still run, where a list keeps what has ended.
    only: &'static str,
    /// How one of them is asked about.
    ask: Ask,
    /// Where the answer has the thing; empty for the whole of it.
    thing: &'static str,
    /// The key under which the facts have it.
    key: &'static str,
}

/// How one thing is asked about. What the call needs stands in the list under these keys; empty for a list of names.
enum Ask {
    /// Operation, key in the list, parameter.
    By(&'static str, &'static str, &'static str),
    /// What messages call it, path with `{}` for what stands under the key.
    At(&'static str, &'static str, &'static str),
    /// The same with a second key, as this parameter.
    Within(&'static str, &'static str, &'static str, (&'static str, &'static str)),
}

/// One row a kind. Of jobs and clusters only those that run: ended ones carry nothing any more.
const NAMED: &[Named] = &[
    Named {
        service: &SAGEMAKER,
        listed_by: "ListNotebookInstances",
        list: ("ListNotebookInstances", "/NotebookInstances", "NextToken", "/NextToken"),
        only: "{}",
        ask: Ask::By("DescribeNotebookInstance", "NotebookInstanceName", "NotebookInstanceName"),
        thing: "",
        key: "NotebookInstances",
    },
    Named {
        service: &SAGEMAKER,
        listed_by: "ListTrainingJobs",
        list: ("ListTrainingJobs", "/TrainingJobSummaries", "NextToken", "/NextToken"),
        only: r#"{"StatusEquals": "InProgress"}"#,
        ask: Ask::By("DescribeTrainingJob", "TrainingJobName", "TrainingJobName"),
        thing: "",
        key: "TrainingJobs",
    },
    Named {
        service: &SAGEMAKER,
        listed_by: "ListProcessingJobs",
        list: ("ListProcessingJobs", "/ProcessingJobSummaries", "NextToken", "/NextToken"),
        only: r#"{"StatusEquals": "InProgress"}"#,
        ask: Ask::By("DescribeProcessingJob", "ProcessingJobName", "ProcessingJobName"),
        thing: "",
        key: "ProcessingJobs",
    },
    Named {
        service: &STATES,
        listed_by: "ListStateMachines",
        list: ("ListStateMachines", "/stateMachines", "nextToken", "/nextToken"),
        only: "{}",
        ask: Ask::By("DescribeStateMachine", "stateMachineArn", "stateMachineArn"),
        thing: "",
        key: "stateMachines",
    },
    Named {
        service: &APPRUNNER,
        listed_by: "ListServices",
        list: ("ListServices", "/ServiceSummaryList", "NextToken", "/NextToken"),
        only: "{}",
        ask: Ask::By("DescribeService", "ServiceArn", "ServiceArn"),
        thing: "/Service",
        key: "AppRunnerServices",
    },
    Named {
        service: &EMR,
        listed_by: "ListClusters",
        list: ("ListClusters", "/Clusters", "Marker", "/Marker"),
        only: r#"{"ClusterStates": ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]}"#,
        ask: Ask::By("DescribeCluster", "Id", "ClusterId"),
        thing: "/Cluster",
        key: "emrClusters",
    },
    Named {
        service: &CODEPIPELINE,
        listed_by: "ListPipelines",
        list: ("ListPipelines", "/pipelines", "nextToken", "/nextToken"),
        only: "{}",
        ask: Ask::By("GetPipeline", "name", "name"),
        thing: "/pipeline",
        key: "codePipelines",
    },
    Named {
        service: &CLOUDFORMATION,
        listed_by: "ListStackSets",
        list: ("ListStackSets", "/Summaries", "NextToken", "/NextToken"),
        only: r#"{"Status": "ACTIVE"}"#,
        ask: Ask::By("DescribeStackSet", "StackSetName", "StackSetName"),
        thing: "/StackSet",
        key: "StackSets",
    },
    Named {
        service: &SCHEDULER,
        listed_by: "ListSchedules",
        list: ("GET /schedules", "/Schedules", "NextToken", "/NextToken"),
        only: "{}",
        ask: Ask::Within("GetSchedule", "/schedules/{}", "Name", ("GroupName", "groupName")),
        thing: "",
        key: "Schedules",
    },
    Named {
        service: &PIPES,
        listed_by: "ListPipes",
        list: ("GET /v1/pipes", "/Pipes", "NextToken", "/NextToken"),
        only: "{}",
        ask: Ask::At("DescribePipe", "/v1/pipes/{}", "Name"),
        thing: "",
        key: "Pipes",
    },
    Named {
        service: &AGENTS,
        listed_by: "ListAgents",
        list: ("POST /agents/", "/agentSummaries", "nextToken", "/nextToken"),
        only: "{}",
        ask: Ask::At("GetAgent", "/agents/{}/", "agentId"),
        thing: "/agent",
        key: "bedrockAgents",
    },
    Named {
        service: &AGENTCORE,
        listed_by: "ListCodeInterpreters",
        // This list takes what it is told as a query.
        list: ("POST? /code-interpreters", "/codeInterpreterSummaries", "nextToken", "/nextToken"),
        only: r#"{"type": "CUSTOM"}"#,
        ask: Ask::At("GetCodeInterpreter", "/code-interpreters/{}", "codeInterpreterId"),
        thing: "",
        key: "codeInterpreters",
    },
];

/// Asks for all kinds at once.
pub(super) async fn ask(session: Arc<Session>, region: String) {
    each(NAMED.iter().collect(), |row| of_kind(Arc::clone(&session), region.clone(), row)).await;
}

async fn of_kind(session: Arc<Session>, region: String, row: &'static Named) {
    let (operation, items, token_in, token_out) = row.list;
    let list = List { service: row.service, operation, items, token_in, token_out };
    let only = serde_json::from_str(row.only).unwrap_or_default();
    let listed = session.looked(&region, &list, only, row.key, row.listed_by).await;
    each(listed, |one| describe(Arc::clone(&session), region.clone(), row, one)).await;
}

async fn describe(session: Arc<Session>, region: String, row: &'static Named, listed: Value) {
    let text = |key: &str| listed.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let (name, operation, parameters) = match row.ask {
        Ask::By(operation, key, parameter) => {
            let Some(what) = text(key) else { return };
            (operation, operation.to_owned(), json!({ parameter: what }))
        }
        Ask::At(name, path, key) => {
            let Some(what) = text(key) else { return };
            (name, format!("GET {}", path.replace("{}", &in_path(&what))), Value::Null)
        }
        Ask::Within(name, path, key, (second, parameter)) => {
            let (Some(what), Some(within)) = (text(key), text(second)) else { return };
            (name, format!("GET {}", path.replace("{}", &in_path(&what))), json!({ parameter: within }))
        }
    };
    match session.client.call(row.service, &region, &operation, &parameters).await {
        Ok(answer) => {
            let thing = answer.pointer(row.thing).cloned().unwrap_or_default();
            session.emit(Some(&region), json!({ row.key: [thing] }));
        }
        // It has ended since it was listed.
        Err(Failure::Missing(_)) => {}
        Err(failure) => session.gap(&format!("{} {name}", row.service.name), Some(&region), &failure),
    }
}
