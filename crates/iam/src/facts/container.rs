//! Containers in ECS: clusters, services, tasks and what they are made from. Values of variables are left out when they
//! are read: who may read them is a question of policies, what they are is nobody's business here.

use keelguard_model::secret::{REDACTED, REDACTED_SECRET, is_redacted, is_secret_value, names_secret};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::lenient::{list, or_default};
use super::principal::Tag;

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct EcsCluster {
    /// Its ARN.
    #[serde(rename = "clusterArn", deserialize_with = "or_default")]
    pub arn: String,
    /// Its name.
    #[serde(rename = "clusterName", deserialize_with = "or_default")]
    pub name: String,
    /// Tags.
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Tag>,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct EcsService {
    /// Its ARN.
    #[serde(rename = "serviceArn", deserialize_with = "or_default")]
    pub arn: String,
    /// Its name.
    #[serde(rename = "serviceName", deserialize_with = "or_default")]
    pub name: String,
    /// The cluster's ARN.
    #[serde(rename = "clusterArn", deserialize_with = "or_default")]
    pub cluster: String,
    /// The task definition's ARN.
    #[serde(deserialize_with = "or_default")]
    pub task_definition: String,
    /// The role by which the service registers with a load balancer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// Whether commands can be run in its tasks.
    #[serde(deserialize_with = "or_default")]
    pub enable_execute_command: bool,
    /// Tasks that should run.
    #[serde(deserialize_with = "or_default")]
    pub desired_count: u64,
    /// `EC2`, `FARGATE` or `EXTERNAL`.
    #[serde(deserialize_with = "or_default")]
    pub launch_type: String,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct EcsTask {
    /// Its ARN.
    #[serde(rename = "taskArn", deserialize_with = "or_default")]
    pub arn: String,
    /// The cluster's ARN.
    #[serde(rename = "clusterArn", deserialize_with = "or_default")]
    pub cluster: String,
    /// The task definition's ARN.
    #[serde(rename = "taskDefinitionArn", deserialize_with = "or_default")]
    pub task_definition: String,
    /// The container instance on which it runs; none on Fargate.
    #[serde(rename = "containerInstanceArn", skip_serializing_if = "Option::is_none")]
    pub container_instance: Option<String>,
    /// Whether commands can be run in it.
    #[serde(deserialize_with = "or_default")]
    pub enable_execute_command: bool,
    /// `EC2`, `FARGATE` or `EXTERNAL`.
    #[serde(deserialize_with = "or_default")]
    pub launch_type: String,
    /// `RUNNING`, …
    #[serde(deserialize_with = "or_default")]
    pub last_status: String,
    /// `service:web`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What it has of its own instead of what its definition says.
    #[serde(deserialize_with = "or_default")]
    pub overrides: TaskOverrides,
}

/// What a task has of its own instead of what its definition says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskOverrides {
    /// The role of its containers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_role_arn: Option<String>,
    /// The role that starts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_role_arn: Option<String>,
    /// For single containers.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub container_overrides: Vec<ContainerOverride>,
}

/// What a container has of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerOverride {
    /// Which container.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its variables.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
}

/// An instance that runs tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerInstance {
    /// Its ARN.
    #[serde(rename = "containerInstanceArn", deserialize_with = "or_default")]
    pub arn: String,
    /// The EC2 instance: `i-…`.
    #[serde(rename = "ec2InstanceId", skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

/// What tasks are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskDefinition {
    /// Its ARN, with the revision.
    #[serde(rename = "taskDefinitionArn", deserialize_with = "or_default")]
    pub arn: String,
    /// Its family.
    #[serde(deserialize_with = "or_default")]
    pub family: String,
    /// The role of its containers, from `169.254.170.2`.
    #[serde(rename = "taskRoleArn", skip_serializing_if = "Option::is_none")]
    pub task_role: Option<String>,
    /// The role that fetches the image and the secrets.
    #[serde(rename = "executionRoleArn", skip_serializing_if = "Option::is_none")]
    pub execution_role: Option<String>,
    /// `awsvpc`, `bridge`, `host` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_mode: Option<String>,
    /// `host` or `task`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid_mode: Option<String>,
    /// Its containers.
    #[serde(deserialize_with = "list")]
    pub container_definitions: Vec<ContainerDefinition>,
    /// What can be mounted.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<TaskVolume>,
}

/// A container of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerDefinition {
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its image.
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    /// Whether it has all rights on the instance.
    #[serde(deserialize_with = "or_default")]
    pub privileged: bool,
    /// Variables that stand in the definition.
    #[serde(deserialize_with = "list")]
    pub environment: Vec<Variable>,
    /// Variables that are fetched when it starts.
    #[serde(deserialize_with = "list")]
    pub secrets: Vec<SecretReference>,
    /// What is mounted where.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub mount_points: Vec<MountPoint>,
    /// Which ports are open.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub port_mappings: Vec<PortMapping>,
}

/// Something that can be mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskVolume {
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Where it lies on the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<VolumeHost>,
}

/// Where a volume lies on the instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeHost {
    /// The path; none for a folder of the task's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_path: Option<String>,
}

/// What is mounted where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MountPoint {
    /// The volume.
    #[serde(deserialize_with = "or_default")]
    pub source_volume: String,
    /// The path in the container.
    #[serde(deserialize_with = "or_default")]
    pub container_path: String,
    /// Whether it can only be read.
    #[serde(deserialize_with = "or_default")]
    pub read_only: bool,
}

/// An open port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PortMapping {
    /// In the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_port: Option<u16>,
    /// On the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_port: Option<u16>,
}

/// A variable. Its value is left out; what may stay is the id of an access key and an ARN, which are no secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// `<redacted>`, `<redacted secret>` for what can be nothing but a secret, the id of an access key, an ARN, or empty.
    pub value: String,
}

impl Variable {
    /// A variable, its value left out.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: kept(name, value) }
    }

    /// The id of the access key that it holds.
    pub fn access_key(&self) -> Option<&str> {
        is_key_id(&self.value).then_some(self.value.as_str())
    }

    /// Whether it holds a secret, by its name or its form. An empty one holds none.
    pub fn is_secret(&self) -> bool {
        self.value == REDACTED_SECRET || (is_redacted(&self.value) && names_secret(&self.name))
    }
}

/// What may be kept of a value.
fn kept(name: &str, value: &str) -> String {
    if value.is_empty() || is_redacted(value) || is_key_id(value) || (is_plain_arn(value) && !names_secret(name)) {
        return value.to_owned();
    }
    if is_secret_value(value) { REDACTED_SECRET.to_owned() } else { REDACTED.to_owned() }
}

/// `AKIA…` of a lasting key, `ASIA…` of a passing one.
fn is_key_id(value: &str) -> bool {
    let rest = value.strip_prefix("AKIA").or_else(|| value.strip_prefix("ASIA"));
    let of_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    rest.is_some_and(|rest| (12..=28).contains(&rest.len()) && rest.bytes().all(of_id))
}

fn is_plain_arn(value: &str) -> bool {
    let of_arn = |byte: u8| byte.is_ascii_alphanumeric() || b":/-_.+=*".contains(&byte);
    value.starts_with("arn:aws") && value.len() <= 512 && value.bytes().all(of_arn) && !is_secret_value(value)
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Plain {
            #[serde(deserialize_with = "or_default")]
            name: String,
            #[serde(deserialize_with = "or_default")]
            value: String,
        }
        let plain = Plain::deserialize(from)?;
        Ok(Self::new(&plain.name, &plain.value))
    }
}

/// A variable that is fetched when the container starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretReference {
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// From where: an ARN of Secrets Manager, or an ARN or a name of the parameter store.
    #[serde(deserialize_with = "or_default")]
    pub value_from: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_variable_no_value_is_kept_that_could_be_a_secret() {
        for (name, value, kept) in [
            ("DB_PASSWORD", "hunter2", REDACTED),
            ("GREETING", "hello", REDACTED),
            ("CI", "glpat-aaaaaaaaaaaaaaaaaaaa", REDACTED_SECRET),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
            (
                "TABLE",
                "arn:aws:dynamodb:eu-central-1:111122223333:table/t",
                "arn:aws:dynamodb:eu-central-1:111122223333:table/t",
            ),
            ("API_TOKEN", "arn:aws:is:no:token", REDACTED),
            ("EMPTY", "", ""),
        ] {
            assert_eq!(Variable::new(name, value).value, kept, "{name}");
        }
        assert!(Variable::new("DB_PASSWORD", "hunter2").is_secret());
        assert!(!Variable::new("DB_PASSWORD", "").is_secret());
        assert!(!Variable::new("GREETING", "hello").is_secret());
    }

    #[test]
    fn what_was_left_out_once_stays_what_it_was() {
        let once = Variable::new("CI", "glpat-aaaaaaaaaaaaaaaaaaaa");
        assert_eq!(Variable::new(&once.name, &once.value), once);
    }
}
