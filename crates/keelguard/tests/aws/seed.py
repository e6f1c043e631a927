#!/usr/bin/env python3
"""Fills a moto server with an account: principals, what runs, an organisation, policies of resources."""
import json
import sys
import urllib.request

import boto3

url, secret = sys.argv[1], sys.argv[2]
at = dict(endpoint_url=url, aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="seed", region_name="eu-central-1")


def client(name, region="eu-central-1"):
    return boto3.client(name, **{**at, "region_name": region})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusts(*services):
    return policy(*({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"} for service in services))


everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
read = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
iam = client("iam")
iam.create_account_alias(AccountAlias="keelguard-lab")
iam.update_account_password_policy(MinimumPasswordLength=16, PasswordReusePrevention=24)
admin = iam.create_policy(PolicyName="everything", PolicyDocument=policy(everything))["Policy"]["Arn"]
iam.create_policy_version(PolicyArn=admin, PolicyDocument=policy(everything, read), SetAsDefault=True)
bound = iam.create_policy(PolicyName="bound", PolicyDocument=policy(read))["Policy"]["Arn"]
iam.create_group(GroupName="admins")
iam.attach_group_policy(GroupName="admins", PolicyArn=admin)
iam.put_group_policy(GroupName="admins", PolicyName="in", PolicyDocument=policy(read))
iam.create_user(UserName="ann", PermissionsBoundary=bound, Tags=[{"Key": "team", "Value": "blue"}])
iam.add_user_to_group(GroupName="admins", UserName="ann")
iam.put_user_policy(UserName="ann", PolicyName="in", PolicyDocument=policy(read))
iam.create_login_profile(UserName="ann", Password="Correct-horse-7-battery")
key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
iam.create_user(UserName="bob", Path="/robots/")
for name, service in [("web", "ec2"), ("task", "ecs-tasks"), ("starts", "ecs-tasks"), ("f", "lambda"), ("build", "codebuild")]:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts(service + ".amazonaws.com"), MaxSessionDuration=7200)
iam.put_role_policy(RoleName="web", PolicyName="in", PolicyDocument=policy(read))
iam.attach_role_policy(RoleName="task", PolicyArn=admin)
iam.create_instance_profile(InstanceProfileName="web")
iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])
iam.create_saml_provider(Name="corp", SAMLMetadataDocument="x" * 1024)
role = {name: iam.get_role(RoleName=name)["Role"]["Arn"] for name in ["web", "task", "starts", "f", "build"]}

ec2 = client("ec2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "web"},
                             MetadataOptions={"HttpTokens": "optional", "HttpPutResponseHopLimit": 2})["Instances"][0]["InstanceId"]
ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
client("ec2", "us-east-1").run_instances(ImageId=image, MinCount=1, MaxCount=1)
group = ec2.create_security_group(GroupName="open", Description="open")["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])

ecs = client("ecs")
ecs.create_cluster(clusterName="lab")
container = {"name": "app", "image": "app:1", "memory": 64, "privileged": True,
             "environment": [{"name": "DB_PASSWORD", "value": secret}, {"name": "AWS_ACCESS_KEY_ID", "value": key}],
             "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:token-abcdef"}]}
definition = ecs.register_task_definition(family="app", taskRoleArn=role["task"], executionRoleArn=role["starts"],
                                          networkMode="bridge", containerDefinitions=[container])["taskDefinition"]["taskDefinitionArn"]
ecs.create_service(cluster="lab", serviceName="app", taskDefinition="app", desiredCount=1, launchType="FARGATE", enableExecuteCommand=True)

client("lambda").create_function(FunctionName="f", Runtime="python3.12", Role=role["f"], Handler="f.f", Code={"ZipFile": b"PK\5\6" + b"\0" * 18},
                                 Environment={"Variables": {"API_TOKEN": secret, "STAGE": "lab"}})
client("lambda").add_permission(FunctionName="f", StatementId="any", Action="lambda:InvokeFunction", Principal="*")
client("codebuild").create_project(name="build", serviceRole=role["build"], source={"type": "S3", "location": "open/x"},
                                   artifacts={"type": "NO_ARTIFACTS"},
                                   environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL",
                                                "environmentVariables": [{"name": "NPM_TOKEN", "value": secret, "type": "PLAINTEXT"}]})

s3 = client("s3")
s3.create_bucket(Bucket="open", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
s3.put_bucket_policy(Bucket="open", Policy=policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"}))
s3.create_bucket(Bucket="shut", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
s3.put_public_access_block(Bucket="shut", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
client("kms").create_key(Description="k")
queue = client("sqs").create_queue(QueueName="q")["QueueUrl"]
client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"})})
topic = client("sns").create_topic(Name="t")["TopicArn"]
vault = client("secretsmanager").create_secret(Name="s", SecretString=secret)["ARN"]
client("secretsmanager").put_resource_policy(SecretId=vault, ResourcePolicy=policy({"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}))
client("ecr").create_repository(repositoryName="app")
client("ecr").set_repository_policy(repositoryName="app", policyText=policy({"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}))

carrier = iam.create_role(RoleName="carrier", AssumeRolePolicyDocument=trusts("ec2.amazonaws.com", "codepipeline.amazonaws.com"))["Role"]["Arn"]
served = iam.create_role(RoleName="served", AssumeRolePolicyDocument=trusts("eks.amazonaws.com"))["Role"]["Arn"]
iam.create_instance_profile(InstanceProfileName="carrier")
iam.add_role_to_instance_profile(InstanceProfileName="carrier", RoleName="carrier")
eks = client("eks")
eks.create_cluster(name="k", roleArn=served, resourcesVpcConfig={"subnetIds": ["subnet-1"]})
eks.create_nodegroup(clusterName="k", nodegroupName="n", nodeRole=carrier, subnets=["subnet-1"])
client("emr").run_job_flow(Name="e", ServiceRole=served, JobFlowRole="carrier",
                           Instances={"MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True})
client("scheduler").create_schedule(Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": queue, "RoleArn": carrier})
client("pipes").create_pipe(Name="p", RoleArn=carrier, Source="arn:aws:sqs:eu-central-1:123456789012:q", Target="arn:aws:sqs:eu-central-1:123456789012:q")
client("codedeploy").create_application(applicationName="app", computePlatform="Server")
client("codedeploy").create_deployment_group(applicationName="app", deploymentGroupName="g", serviceRoleArn=carrier,
                                             ec2TagFilters=[{"Key": "app", "Value": "web", "Type": "KEY_AND_VALUE"}])
action = {"name": "a", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}}
client("codepipeline").create_pipeline(pipeline={"name": "line", "roleArn": carrier, "artifactStore": {"type": "S3", "location": "open"},
                                                 "stages": [{"name": "one", "actions": [action]}, {"name": "two", "actions": [action]}]})
sagemaker = client("sagemaker")
sagemaker.create_training_job(TrainingJobName="learns", RoleArn=carrier, AlgorithmSpecification={"TrainingImage": "x", "TrainingInputMode": "File"},
                              OutputDataConfig={"S3OutputPath": "s3://open/x"}, StoppingCondition={"MaxRuntimeInSeconds": 60},
                              ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1})
sagemaker.create_processing_job(ProcessingJobName="works", RoleArn=carrier, AppSpecification={"ImageUri": "x"},
                                ProcessingResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}})
client("glue").create_session(Id="talks", Role=carrier, Command={"Name": "glueetl", "PythonVersion": "3"})
client("glue").create_dev_endpoint(EndpointName="dev", RoleArn=carrier)
client("bedrock-agent").create_agent(agentName="agent", agentResourceRoleArn=carrier)
client("cloudformation").create_stack_set(StackSetName="set", AdministrationRoleARN=carrier, TemplateBody=json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
client("acm").request_certificate(DomainName="lab.example.com", KeyAlgorithm="EC_prime256v1")
# boto would put the account's number before the address.
block = "".join(f"<{name}>{value}</{name}>" for name, value in [("BlockPublicAcls", "true"), ("BlockPublicPolicy", "true"), ("RestrictPublicBuckets", "false")])
urllib.request.urlopen(urllib.request.Request(
    url + "/v20180820/configuration/publicAccessBlock", method="PUT", headers={
        "x-amz-account-id": "123456789012", "content-type": "application/xml",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0"},
    data=f"<PublicAccessBlockConfiguration>{block}</PublicAccessBlockConfiguration>".encode()))

organizations = client("organizations", "us-east-1")
organizations.create_organization(FeatureSet="ALL")
root = organizations.list_roots()["Roots"][0]["Id"]
organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
unit = organizations.create_organizational_unit(ParentId=root, Name="prod")["OrganizationalUnit"]["Id"]
member = organizations.create_account(AccountName="member", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
scp = organizations.create_policy(Name="no-leave", Description="d", Type="SERVICE_CONTROL_POLICY",
                                  Content=policy({"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}))["Policy"]["PolicySummary"]["Id"]
organizations.attach_policy(PolicyId=scp, TargetId=unit)
print(json.dumps({"key": key, "instance": instance, "definition": definition, "unit": unit, "root": root, "member": member, "scp": scp, "group": group, "topic": topic}))
