//! Methods over what builds, deploys and automates: CloudFormation, CodeBuild, CodeDeploy, Image Builder, Systems Manager
//! Automation, Scheduler, Step Functions.

use super::{EC2, Method, On, PASS, Service, Thing, Way, need, row, service};

const CLOUDFORMATION: &[Service] = &[service("cloudformation.amazonaws.com")];
const CODEBUILD: &[Service] = &[service("codebuild.amazonaws.com")];
const CODEPIPELINE: &[Service] = &[service("codepipeline.amazonaws.com")];
const SCHEDULER: &[Service] = &[service("scheduler.amazonaws.com")];
const STATES: &[Service] = &[service("states.amazonaws.com")];

const STACK: &str = "arn:aws:cloudformation:{region}:{account}:stack/{name}/{name}";
const STACK_SET: &str = "arn:aws:cloudformation:{region}:{account}:stackset/{name}:{name}";
const PROJECT: &str = "arn:aws:codebuild:{region}:{account}:project/{name}";
const MACHINE: &str = "arn:aws:states:{region}:{account}:stateMachine:{name}";

const CREATE_PROJECT: &str = "aws codebuild create-project --name x --service-role {role} --source '{\"type\":\"NO_SOURCE\",\"buildspec\":\"…\"}' --artifacts type=NO_ARTIFACTS --environment type=LINUX_CONTAINER,image=aws/codebuild/standard:7.0,computeType=BUILD_GENERAL1_SMALL";

/// The rows.
pub(super) static METHODS: &[Method] = &[
    row(
        "cloudformation-001",
        "makes a CloudFormation stack with the role",
        Way::Pass(CLOUDFORMATION),
        &[PASS, need("cloudformation:CreateStack", On::New(STACK))],
        &["aws cloudformation create-stack --stack-name x --role-arn {role} --capabilities CAPABILITY_NAMED_IAM --template-body file://x.yaml"],
        &["T1648"],
    ),
    row(
        "cloudformation-002",
        "changes a CloudFormation stack that has the role",
        Way::Existing(Thing::Stack),
        &[need("cloudformation:UpdateStack", On::Thing)],
        &["aws cloudformation update-stack --stack-name {thing} --capabilities CAPABILITY_NAMED_IAM --template-body file://x.yaml"],
        &["T1648"],
    ),
    row(
        "cloudformation-003",
        "makes a CloudFormation stack set with the role and an instance of it",
        Way::Pass(CLOUDFORMATION),
        &[PASS, need("cloudformation:CreateStackSet", On::Any), need("cloudformation:CreateStackInstances", On::New(STACK_SET))],
        &["aws cloudformation create-stack-set --stack-set-name x --administration-role-arn {role} --execution-role-name … --capabilities CAPABILITY_NAMED_IAM --template-body file://x.yaml", "aws cloudformation create-stack-instances --stack-set-name x --accounts {account} --regions {region}"],
        &["T1648"],
    ),
    row(
        "cloudformation-004",
        "changes a CloudFormation stack set, with the role",
        Way::PassInto(Thing::StackSet, CLOUDFORMATION),
        &[PASS, need("cloudformation:UpdateStackSet", On::Thing)],
        &["aws cloudformation update-stack-set --stack-set-name {thing-name} --administration-role-arn {role} --capabilities CAPABILITY_NAMED_IAM --template-body file://x.yaml"],
        &["T1648"],
    ),
    row(
        "cloudformation-005",
        "changes a CloudFormation stack that has the role, through a change set",
        Way::Existing(Thing::Stack),
        &[need("cloudformation:CreateChangeSet", On::Thing), need("cloudformation:ExecuteChangeSet", On::Thing)],
        &["aws cloudformation create-change-set --stack-name {thing} --change-set-name x --capabilities CAPABILITY_NAMED_IAM --template-body file://x.yaml", "aws cloudformation execute-change-set --stack-name {thing} --change-set-name x"],
        &["T1648"],
    ),
    row(
        "codebuild-001",
        "makes a CodeBuild project with the role and starts it",
        Way::Pass(CODEBUILD),
        &[PASS, need("codebuild:CreateProject", On::New(PROJECT)), need("codebuild:StartBuild", On::New(PROJECT))],
        &[CREATE_PROJECT, "aws codebuild start-build --project-name x"],
        &["T1648"],
    ),
    row(
        "codebuild-002",
        "starts a CodeBuild project that has the role, with commands of its own",
        Way::Existing(Thing::CodeBuildProject),
        &[need("codebuild:StartBuild", On::Thing)],
        &["aws codebuild start-build --project-name {thing-name} --buildspec-override file://x.yaml"],
        &["T1648"],
    ),
    row(
        "codebuild-003",
        "starts a batch of a CodeBuild project that has the role, with commands of its own",
        Way::Existing(Thing::CodeBuildProject),
        &[need("codebuild:StartBuildBatch", On::Thing)],
        &["aws codebuild start-build-batch --project-name {thing-name} --buildspec-override file://x.yaml"],
        &["T1648"],
    )
    .also(&["the project is set up for batches"]),
    row(
        "codebuild-004",
        "makes a CodeBuild project with the role and starts a batch of it",
        Way::Pass(CODEBUILD),
        &[PASS, need("codebuild:CreateProject", On::New(PROJECT)), need("codebuild:StartBuildBatch", On::New(PROJECT))],
        &[CREATE_PROJECT, "aws codebuild start-build-batch --project-name x"],
        &["T1648"],
    ),
    row(
        "codedeploy-001",
        "deploys a revision of its own to instances that have the role",
        Way::Existing(Thing::CodeDeployGroup),
        &[
            need("codedeploy:CreateDeployment", On::Thing),
            need("codedeploy:RegisterApplicationRevision", On::New("arn:aws:codedeploy:{region}:{account}:application:{name}")),
            need("codedeploy:GetDeploymentConfig", On::New("arn:aws:codedeploy:{region}:{account}:deploymentconfig:{name}")),
        ],
        &["aws deploy create-deployment --application-name … --deployment-group-name {thing-name} --revision 'revisionType=S3,s3Location={bucket=…,key=x.zip,bundleType=zip}'"],
        &["T1651", "T1552.005"],
    )
    .also(&["the agent of CodeDeploy runs on the instances"]),
    row(
        "imagebuilder-001",
        "builds a machine image on an instance with the role",
        Way::Pass(&[EC2]),
        &[
            PASS,
            need("imagebuilder:CreateComponent", On::New("arn:aws:imagebuilder:{region}:{account}:component/{name}/1.0.0/1")),
            need("imagebuilder:CreateImageRecipe", On::New("arn:aws:imagebuilder:{region}:{account}:image-recipe/{name}/1.0.0")),
            need("imagebuilder:CreateInfrastructureConfiguration", On::New("arn:aws:imagebuilder:{region}:{account}:infrastructure-configuration/{name}")),
            need("imagebuilder:CreateImage", On::New("arn:aws:imagebuilder:{region}:{account}:image/{name}/1.0.0/1")),
        ],
        &[
            "aws imagebuilder create-component --name x --semantic-version 1.0.0 --platform Linux --data file://x.yaml",
            "aws imagebuilder create-image-recipe --name x --semantic-version 1.0.0 --parent-image ami-… --components componentArn=…",
            "aws imagebuilder create-infrastructure-configuration --name x --instance-profile-name {profile}",
            "aws imagebuilder create-image --image-recipe-arn … --infrastructure-configuration-arn …",
        ],
        &["T1578.002", "T1552.005"],
    ),
    row(
        "ssm-003",
        "runs an automation document of its own with the role",
        Way::Pass(&[service("ssm.amazonaws.com")]),
        &[
            PASS,
            need("ssm:CreateDocument", On::New("arn:aws:ssm:{region}:{account}:document/{name}")),
            need("ssm:StartAutomationExecution", On::New("arn:aws:ssm:{region}:{account}:automation-definition/{name}:1")),
        ],
        &["aws ssm create-document --name x --document-type Automation --document-format JSON --content file://x.json", "aws ssm start-automation-execution --document-name x --parameters AutomationAssumeRole={role}"],
        &["T1651"],
    ),
    row(
        "kg-scheduler",
        "makes a schedule that calls any API with the role",
        Way::Pass(SCHEDULER),
        &[PASS, need("scheduler:CreateSchedule", On::New("arn:aws:scheduler:{region}:{account}:schedule/{name}/{name}"))],
        &["aws scheduler create-schedule --name x --schedule-expression 'rate(1 minute)' --flexible-time-window Mode=OFF --target '{\"Arn\":\"arn:aws:scheduler:::aws-sdk:iam:attachUserPolicy\",\"RoleArn\":\"{role}\",\"Input\":\"…\"}'"],
        &["T1648"],
    ),
    row(
        "kg-scheduler-update",
        "rewrites a schedule so that it calls any API with the role",
        Way::PassInto(Thing::Schedule, SCHEDULER),
        &[PASS, need("scheduler:UpdateSchedule", On::Thing)],
        &["aws scheduler update-schedule --name {thing-name} --schedule-expression 'rate(1 minute)' --flexible-time-window Mode=OFF --target '{\"Arn\":\"arn:aws:scheduler:::aws-sdk:iam:attachUserPolicy\",\"RoleArn\":\"{role}\",\"Input\":\"…\"}'"],
        &["T1648"],
    ),
    row(
        "kg-codepipeline-new",
        "makes a pipeline with the role and commands of its own in it",
        Way::Pass(CODEPIPELINE),
        &[PASS, need("codepipeline:CreatePipeline", On::New("arn:aws:codepipeline:{region}:{account}:{name}"))],
        &["aws codepipeline create-pipeline --pipeline '{\"name\":\"x\",\"pipelineType\":\"V2\",\"roleArn\":\"{role}\",\"stages\":[…,{\"name\":\"x\",\"actions\":[{\"name\":\"x\",\"actionTypeId\":{\"category\":\"Compute\",\"owner\":\"AWS\",\"provider\":\"Commands\",\"version\":\"1\"},\"commands\":[\"…\"]}]}],…}'"],
        &["T1648"],
    ),
    row(
        "kg-codepipeline-update",
        "puts commands of its own into a pipeline, with the role, and starts it",
        Way::PassInto(Thing::CodePipeline, CODEPIPELINE),
        &[PASS, need("codepipeline:UpdatePipeline", On::Thing), need("codepipeline:StartPipelineExecution", On::Thing)],
        &["aws codepipeline update-pipeline --pipeline file://x.json  # roleArn {role}, and an action of the provider Commands", "aws codepipeline start-pipeline-execution --name {thing-name}"],
        &["T1648"],
    ),
    row(
        "kg-states-new",
        "makes a state machine with the role and starts it",
        Way::Pass(STATES),
        &[
            PASS,
            need("states:CreateStateMachine", On::New(MACHINE)),
            need("states:StartExecution", On::New(MACHINE)),
        ],
        &["aws stepfunctions create-state-machine --name x --role-arn {role} --definition file://x.json", "aws stepfunctions start-execution --state-machine-arn …:x"],
        &["T1648"],
    ),
    row(
        "kg-states-update",
        "rewrites a state machine that has the role, and starts it",
        Way::Existing(Thing::StateMachine),
        &[need("states:UpdateStateMachine", On::Thing), need("states:StartExecution", On::Thing)],
        &["aws stepfunctions update-state-machine --state-machine-arn {thing} --definition file://x.json", "aws stepfunctions start-execution --state-machine-arn {thing}"],
        &["T1648"],
    ),
];
