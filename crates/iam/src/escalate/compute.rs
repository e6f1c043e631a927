//! Methods over machines and functions: EC2, Systems Manager, Lambda, App Runner.

use super::{EC2, Method, On, PASS, Service, Thing, Way, need, row, service};

const LAMBDA: Service = service("lambda.amazonaws.com");
const APP_RUNNER: Service = service("tasks.apprunner.amazonaws.com");

const FUNCTION: &str = "arn:aws:lambda:{region}:{account}:function:{name}";
const LAUNCHED: On = On::Each(&[
    "arn:aws:ec2:{region}:{account}:instance/{name}",
    "arn:aws:ec2:{region}::image/{name}",
    "arn:aws:ec2:{region}:{account}:network-interface/{name}",
    "arn:aws:ec2:{region}:{account}:security-group/{name}",
    "arn:aws:ec2:{region}:{account}:subnet/{name}",
    "arn:aws:ec2:{region}:{account}:volume/{name}",
]);

const CREATE_FUNCTION: &str = "aws lambda create-function --function-name x --runtime python3.13 --handler x.f --zip-file fileb://x.zip --role {role}";
const UPDATE_CODE: &str = "aws lambda update-function-code --function-name {thing} --zip-file fileb://x.zip";
const CREDENTIALS: &str =
    "curl http://169.254.169.254/latest/meta-data/iam/security-credentials/{role-name}  # from inside, with a token";
const AGENT: &[&str] = &["ssm:UpdateInstanceInformation"];
const MANAGED: &[&str] = &["the agent of Systems Manager runs on the instance"];

/// The rows.
pub(super) static METHODS: &[Method] = &[
    row(
        "ec2-001",
        "starts an instance with the role",
        Way::Pass(&[EC2]),
        &[PASS, need("ec2:RunInstances", LAUNCHED)],
        &[
            "aws ec2 run-instances --image-id ami-… --instance-type t3.micro --iam-instance-profile Name={profile} --user-data file://x.sh",
        ],
        &["T1578.002", "T1552.005"],
    ),
    row(
        "ec2-002",
        "rewrites the start-up script of an instance that has the role",
        Way::Existing(Thing::Instance),
        &[
            need("ec2:ModifyInstanceAttribute", On::Thing),
            need("ec2:StopInstances", On::Thing),
            need("ec2:StartInstances", On::Thing),
        ],
        &[
            "aws ec2 stop-instances --instance-ids {thing-name}",
            "aws ec2 modify-instance-attribute --instance-id {thing-name} --attribute userData --value file://x.b64",
            "aws ec2 start-instances --instance-ids {thing-name}",
        ],
        &["T1578", "T1552.005"],
    ),
    row(
        "ec2-003",
        "asks for a spot instance with the role",
        Way::Pass(&[EC2]),
        &[
            PASS,
            need(
                "ec2:RequestSpotInstances",
                On::New("arn:aws:ec2:{region}:{account}:spot-instances-request/{name}"),
            ),
        ],
        &[
            "aws ec2 request-spot-instances --instance-count 1 --launch-specification '{\"ImageId\":\"ami-…\",\"InstanceType\":\"t3.micro\",\"IamInstanceProfile\":{\"Name\":\"{profile}\"},\"UserData\":\"…\"}'",
        ],
        &["T1578.002", "T1552.005"],
    ),
    row(
        "ec2-004",
        "writes a new version of a launch template that names the role",
        Way::Existing(Thing::LaunchTemplate),
        &[need("ec2:CreateLaunchTemplateVersion", On::Thing), need("ec2:ModifyLaunchTemplate", On::Thing)],
        &[
            "aws ec2 create-launch-template-version --launch-template-id {thing-name} --source-version 1 --launch-template-data '{\"UserData\":\"…\"}'",
            "aws ec2 modify-launch-template --launch-template-id {thing-name} --default-version 2",
        ],
        &["T1578", "T1552.005"],
    )
    .also(&["something starts instances from the template"]),
    row(
        "ec2instanceconnect-003",
        "logs in to an instance that has the role, with a key of its own",
        Way::Existing(Thing::RunningInstance),
        &[need("ec2-instance-connect:SendSSHPublicKey", On::Thing), need("ec2:DescribeInstances", On::Any)],
        &[
            "aws ec2-instance-connect send-ssh-public-key --instance-id {thing-name} --instance-os-user ec2-user --ssh-public-key file://x.pub",
            "ssh -i x ec2-user@…",
            CREDENTIALS,
        ],
        &["T1651", "T1021.004", "T1552.005"],
    )
    .also(&["port 22 of the instance can be reached", "the instance takes keys of EC2 Instance Connect"]),
    row(
        "ssm-001",
        "opens a session on an instance that has the role",
        Way::Existing(Thing::RunningInstance),
        &[need("ssm:StartSession", On::Thing)],
        &["aws ssm start-session --target {thing-name}", CREDENTIALS],
        &["T1651", "T1552.005"],
    )
    .role_needs(AGENT)
    .also(MANAGED),
    row(
        "ssm-002",
        "runs a command on an instance that has the role",
        Way::Existing(Thing::RunningInstance),
        &[need("ssm:SendCommand", On::Thing), need("ssm:SendCommand", On::New("arn:aws:ssm:{region}::document/{name}"))],
        &[
            "aws ssm send-command --instance-ids {thing-name} --document-name AWS-RunShellScript --parameters 'commands=[\"curl http://169.254.169.254/latest/meta-data/iam/security-credentials/{role-name}\"]'",
        ],
        &["T1651", "T1552.005"],
    )
    .role_needs(AGENT)
    .also(MANAGED),
    row(
        "lambda-001",
        "makes a Lambda function with the role and calls it",
        Way::Pass(&[LAMBDA]),
        &[PASS, need("lambda:CreateFunction", On::New(FUNCTION)), need("lambda:InvokeFunction", On::New(FUNCTION))],
        &[CREATE_FUNCTION, "aws lambda invoke --function-name x out.json"],
        &["T1648"],
    ),
    row(
        "lambda-002",
        "makes a Lambda function with the role and lets a queue or stream start it",
        Way::PassInto(Thing::EventSource, &[LAMBDA]),
        &[
            PASS,
            need("lambda:CreateFunction", On::New(FUNCTION)),
            need("lambda:CreateEventSourceMapping", On::Any),
        ],
        &[CREATE_FUNCTION, "aws lambda create-event-source-mapping --function-name x --event-source-arn {thing}"],
        &["T1648"],
    ),
    row(
        "lambda-003",
        "rewrites a Lambda function that has the role",
        Way::Existing(Thing::LambdaFunction),
        &[need("lambda:UpdateFunctionCode", On::Thing)],
        &[UPDATE_CODE],
        &["T1648"],
    )
    .also(&["something calls the function"]),
    row(
        "lambda-004",
        "rewrites a Lambda function that has the role, and calls it",
        Way::Existing(Thing::LambdaFunction),
        &[need("lambda:UpdateFunctionCode", On::Thing), need("lambda:InvokeFunction", On::Thing)],
        &[UPDATE_CODE, "aws lambda invoke --function-name {thing} out.json"],
        &["T1648"],
    ),
    row(
        "lambda-005",
        "rewrites a Lambda function that has the role, and lets itself call it",
        Way::Existing(Thing::LambdaFunction),
        &[need("lambda:UpdateFunctionCode", On::Thing), need("lambda:AddPermission", On::Thing)],
        &[
            UPDATE_CODE,
            "aws lambda add-permission --function-name {thing} --statement-id x --action lambda:InvokeFunction --principal {me}",
            "aws lambda invoke --function-name {thing} out.json",
        ],
        &["T1648"],
    ),
    row(
        "lambda-006",
        "makes a Lambda function with the role and lets itself call it",
        Way::Pass(&[LAMBDA]),
        &[PASS, need("lambda:CreateFunction", On::New(FUNCTION)), need("lambda:AddPermission", On::New(FUNCTION))],
        &[
            CREATE_FUNCTION,
            "aws lambda add-permission --function-name x --statement-id x --action lambda:InvokeFunction --principal {me}",
            "aws lambda invoke --function-name x out.json",
        ],
        &["T1648"],
    ),
    row(
        "kg-lambda-configuration",
        "puts a layer under a Lambda function that has the role",
        Way::Existing(Thing::LambdaFunction),
        &[need("lambda:UpdateFunctionConfiguration", On::Thing)],
        &["aws lambda update-function-configuration --function-name {thing} --layers arn:aws:lambda:…:layer:x:1"],
        &["T1648"],
    )
    .also(&["something calls the function"]),
    row(
        "apprunner-001",
        "makes an App Runner service with the role",
        Way::Pass(&[APP_RUNNER]),
        &[PASS, need("apprunner:CreateService", On::New("arn:aws:apprunner:{region}:{account}:service/{name}/{name}"))],
        &[
            "aws apprunner create-service --service-name x --source-configuration '{\"ImageRepository\":{\"ImageIdentifier\":\"…\",\"ImageRepositoryType\":\"ECR_PUBLIC\"}}' --instance-configuration InstanceRoleArn={role}",
        ],
        &["T1610", "T1648"],
    ),
    row(
        "apprunner-002",
        "changes the start command of an App Runner service that has the role",
        Way::Existing(Thing::AppRunnerService),
        &[need("apprunner:UpdateService", On::Thing)],
        &["aws apprunner update-service --service-arn {thing} --source-configuration '{\"ImageRepository\":{…}}'"],
        &["T1648"],
    ),
];
