//! Methods over what computes on data: Glue, EMR, Data Pipeline, SageMaker, Bedrock; and Cognito, which gives roles away.

use super::{EC2, Method, On, PASS, Service, Thing, Way, need, row, service};

const GLUE: &[Service] = &[service("glue.amazonaws.com")];
const SAGEMAKER: &[Service] = &[service("sagemaker.amazonaws.com")];
const PIPELINE_SERVICES: &[Service] =
    &[service("datapipeline.amazonaws.com"), service("elasticmapreduce.amazonaws.com")];

const GLUE_JOB: &str = "arn:aws:glue:{region}:{account}:job/{name}";
const TRIGGER: On = On::New("arn:aws:glue:{region}:{account}:trigger/{name}");
const SESSION: On = On::New("arn:aws:glue:{region}:{account}:session/{name}");
const PIPELINE: On = On::New("arn:aws:datapipeline:{region}:{account}:pipeline/{name}");
const APPLICATION: On = On::New("arn:aws:emr-serverless:{region}:{account}:/applications/{name}");
const INTERPRETER: On = On::New("arn:aws:bedrock-agentcore:{region}:{account}:code-interpreter-custom/{name}");

const CREATE_JOB: &str = "aws glue create-job --name x --role {role} --command Name=pythonshell,ScriptLocation=s3://…/x.py,PythonVersion=3.9";
const UPDATE_JOB: &str = "aws glue update-job --job-name {thing-name} --job-update 'Role={role},Command={Name=pythonshell,ScriptLocation=s3://…/x.py}'";
const SET_TRIGGER: &str = "aws glue create-trigger --name x --type SCHEDULED --schedule 'cron(* * * * ? *)' --start-on-creation --actions JobName=…";
const INVOKE: &str = "aws bedrock-agentcore invoke-code-interpreter --code-interpreter-identifier … --session-id … --name executeCode --arguments '{\"language\":\"python\",\"code\":\"…\"}'";

/// The rows.
pub(super) static METHODS: &[Method] = &[
    row(
        "glue-001",
        "makes a Glue development endpoint with the role",
        Way::Pass(GLUE),
        &[PASS, need("glue:CreateDevEndpoint", On::Any)],
        &["aws glue create-dev-endpoint --endpoint-name x --role-arn {role} --public-key file://x.pub", "ssh glue@…"],
        &["T1648"],
    ),
    row(
        "glue-002",
        "puts a key into a Glue development endpoint that has the role",
        Way::Existing(Thing::GlueDevEndpoint),
        &[need("glue:UpdateDevEndpoint", On::Thing)],
        &["aws glue update-dev-endpoint --endpoint-name {thing-name} --add-public-keys file://x.pub", "ssh glue@…"],
        &["T1648"],
    ),
    row(
        "glue-003",
        "makes a Glue job with the role and starts it",
        Way::Pass(GLUE),
        &[PASS, need("glue:CreateJob", On::New(GLUE_JOB)), need("glue:StartJobRun", On::New(GLUE_JOB))],
        &[CREATE_JOB, "aws glue start-job-run --job-name x"],
        &["T1648"],
    ),
    row(
        "glue-004",
        "makes a Glue job with the role and a trigger that starts it",
        Way::Pass(GLUE),
        &[PASS, need("glue:CreateJob", On::New(GLUE_JOB)), need("glue:CreateTrigger", TRIGGER)],
        &[CREATE_JOB, SET_TRIGGER],
        &["T1648"],
    ),
    row(
        "glue-005",
        "rewrites a Glue job, with the role, and starts it",
        Way::PassInto(Thing::GlueJob, GLUE),
        &[PASS, need("glue:UpdateJob", On::Thing), need("glue:StartJobRun", On::Thing)],
        &[UPDATE_JOB, "aws glue start-job-run --job-name {thing-name}"],
        &["T1648"],
    ),
    row(
        "glue-006",
        "rewrites a Glue job, with the role, and makes a trigger that starts it",
        Way::PassInto(Thing::GlueJob, GLUE),
        &[PASS, need("glue:UpdateJob", On::Thing), need("glue:CreateTrigger", TRIGGER)],
        &[UPDATE_JOB, SET_TRIGGER],
        &["T1648"],
    ),
    row(
        "glue-007",
        "opens a Glue session with the role and runs code in it",
        Way::Pass(GLUE),
        &[PASS, need("glue:CreateSession", SESSION), need("glue:RunStatement", SESSION)],
        &["aws glue create-session --id x --role {role} --command Name=glueetl,PythonVersion=3", "aws glue run-statement --session-id x --code …"],
        &["T1648"],
    ),
    row(
        "kg-glue-session",
        "runs code in an open Glue session that has the role",
        Way::Existing(Thing::GlueSession),
        &[need("glue:RunStatement", On::Thing)],
        &["aws glue run-statement --session-id {thing-name} --code …"],
        &["T1648"],
    ),
    row(
        "emr-001",
        "makes an EMR cluster whose machines have the role",
        Way::Pass(&[EC2]),
        &[PASS, need("elasticmapreduce:RunJobFlow", On::Any)],
        &["aws emr create-cluster --name x --release-label emr-7.0.0 --instance-type m5.xlarge --instance-count 1 --service-role … --ec2-attributes InstanceProfile={profile} --steps '[{\"Type\":\"CUSTOM_JAR\",\"Jar\":\"command-runner.jar\",\"Args\":[…]}]' --auto-terminate"],
        &["T1578.002", "T1552.005"],
    )
    .also(&["a service role for EMR is there that may be passed, too"]),
    row(
        "kg-emr-steps",
        "adds a step to a running EMR cluster whose machines have the role",
        Way::Existing(Thing::EmrCluster),
        &[need("elasticmapreduce:AddJobFlowSteps", On::Thing)],
        &["aws emr add-steps --cluster-id {thing-name} --steps 'Type=CUSTOM_JAR,Jar=command-runner.jar,Args=[…]'"],
        &["T1651", "T1552.005"],
    ),
    row(
        "emrserverless-001",
        "makes an EMR Serverless application and runs a job with the role there",
        Way::Pass(&[service("emr-serverless.amazonaws.com")]),
        &[PASS, need("emr-serverless:CreateApplication", On::Any), need("emr-serverless:StartJobRun", APPLICATION)],
        &["aws emr-serverless create-application --name x --release-label emr-7.7.0 --type SPARK", "aws emr-serverless start-job-run --application-id … --execution-role-arn {role} --job-driver '{\"sparkSubmit\":{\"entryPoint\":\"s3://…/x.py\"}}'"],
        &["T1648"],
    )
    .also(&["a bucket that the job can read"]),
    row(
        "datapipeline-001",
        "makes a data pipeline with the role and activates it",
        Way::Pass(PIPELINE_SERVICES),
        &[
            PASS,
            need("datapipeline:CreatePipeline", On::Any),
            need("datapipeline:PutPipelineDefinition", PIPELINE),
            need("datapipeline:ActivatePipeline", PIPELINE),
        ],
        &["aws datapipeline create-pipeline --name x --unique-id x", "aws datapipeline put-pipeline-definition --pipeline-id … --pipeline-definition file://x.json", "aws datapipeline activate-pipeline --pipeline-id …"],
        &["T1648"],
    ),
    row(
        "sagemaker-001",
        "makes a SageMaker notebook with the role",
        Way::Pass(SAGEMAKER),
        &[PASS, need("sagemaker:CreateNotebookInstance", On::New("arn:aws:sagemaker:{region}:{account}:notebook-instance/{name}"))],
        &["aws sagemaker create-notebook-instance --notebook-instance-name x --instance-type ml.t3.medium --role-arn {role}", "aws sagemaker create-presigned-notebook-instance-url --notebook-instance-name x"],
        &["T1648"],
    ),
    row(
        "sagemaker-002",
        "runs a SageMaker training job with the role",
        Way::Pass(SAGEMAKER),
        &[PASS, need("sagemaker:CreateTrainingJob", On::New("arn:aws:sagemaker:{region}:{account}:training-job/{name}"))],
        &["aws sagemaker create-training-job --training-job-name x --role-arn {role} --algorithm-specification TrainingImage=…,TrainingInputMode=File --output-data-config S3OutputPath=s3://… --resource-config … --stopping-condition …"],
        &["T1648"],
    )
    .also(&["a bucket that the job can read"]),
    row(
        "sagemaker-003",
        "runs a SageMaker processing job with the role",
        Way::Pass(SAGEMAKER),
        &[PASS, need("sagemaker:CreateProcessingJob", On::New("arn:aws:sagemaker:{region}:{account}:processing-job/{name}"))],
        &["aws sagemaker create-processing-job --processing-job-name x --role-arn {role} --app-specification ImageUri=…,ContainerEntrypoint=… --processing-resources …"],
        &["T1648"],
    )
    .also(&["a bucket that the job can read"]),
    row(
        "sagemaker-004",
        "opens a SageMaker notebook that has the role",
        Way::Existing(Thing::OpenNotebook),
        &[need("sagemaker:CreatePresignedNotebookInstanceUrl", On::Thing)],
        &["aws sagemaker create-presigned-notebook-instance-url --notebook-instance-name {thing-name}"],
        &["T1648"],
    ),
    row(
        "sagemaker-005",
        "gives a SageMaker notebook that has the role a start-up script",
        Way::Existing(Thing::NotebookInstance),
        &[
            need("sagemaker:CreateNotebookInstanceLifecycleConfig", On::New("arn:aws:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/{name}")),
            need("sagemaker:StopNotebookInstance", On::Thing),
            need("sagemaker:UpdateNotebookInstance", On::Thing),
            need("sagemaker:StartNotebookInstance", On::Thing),
        ],
        &[
            "aws sagemaker create-notebook-instance-lifecycle-config --notebook-instance-lifecycle-config-name x --on-start Content=…",
            "aws sagemaker stop-notebook-instance --notebook-instance-name {thing-name}",
            "aws sagemaker update-notebook-instance --notebook-instance-name {thing-name} --lifecycle-config-name x",
            "aws sagemaker start-notebook-instance --notebook-instance-name {thing-name}",
        ],
        &["T1648"],
    ),
    row(
        "bedrock-001",
        "makes a Bedrock code interpreter with the role and runs code in it",
        Way::Pass(&[service("bedrock-agentcore.amazonaws.com")]),
        &[
            PASS,
            need("bedrock-agentcore:CreateCodeInterpreter", On::Any),
            need("bedrock-agentcore:StartCodeInterpreterSession", INTERPRETER),
            need("bedrock-agentcore:InvokeCodeInterpreter", INTERPRETER),
        ],
        &["aws bedrock-agentcore-control create-code-interpreter --name x --execution-role-arn {role} --network-configuration networkMode=PUBLIC", "aws bedrock-agentcore start-code-interpreter-session --code-interpreter-identifier …", INVOKE],
        &["T1648"],
    ),
    row(
        "bedrock-002",
        "runs code in a Bedrock code interpreter that has the role",
        Way::Existing(Thing::CodeInterpreter),
        &[
            need("bedrock-agentcore:StartCodeInterpreterSession", On::Thing),
            need("bedrock-agentcore:InvokeCodeInterpreter", On::Thing),
        ],
        &["aws bedrock-agentcore start-code-interpreter-session --code-interpreter-identifier {thing-name}", INVOKE],
        &["T1648"],
    ),
    row(
        "cognitoidentity-001",
        "gives the role to the guests of a Cognito identity pool",
        Way::PassInto(Thing::IdentityPool, &[service("cognito-identity.amazonaws.com")]),
        &[PASS, need("cognito-identity:SetIdentityPoolRoles", On::Any)],
        &[
            "aws cognito-identity set-identity-pool-roles --identity-pool-id {thing-name} --roles unauthenticated={role}",
            "aws cognito-identity get-id --identity-pool-id {thing-name} --no-sign-request",
            "aws cognito-identity get-open-id-token --identity-id … --no-sign-request",
            "aws sts assume-role-with-web-identity --role-arn {role} --role-session-name x --web-identity-token … --no-sign-request",
        ],
        &["T1078.004", "T1098.003"],
    ),
];
