//! IAM user guide, "Permissions boundaries for IAM entities".

use crate::support::*;

#[test]
fn a_boundary_only_narrows() {
    get(ALICE).identity(allow("s3:*")).boundary(allow("s3:*")).allowed();
    get(ALICE).identity(allow("s3:*")).boundary(allow("ec2:*")).implicitly_denied();
    get(ALICE).boundary(allow("s3:*")).implicitly_denied();
}

#[test]
fn boundary_organisation_and_identity_must_all_allow() {
    let all =
        |action: &str| get(ALICE).identity(allow("*")).boundary(allow("s3:*")).level("scp", "r-1", &[allow(action)]);
    all("s3:*").allowed();
    all("ec2:*").implicitly_denied();
}

#[test]
fn the_reason_names_the_boundary() {
    let said = get(ALICE).identity(allow("s3:*")).boundary(allow("ec2:*")).because();
    assert!(said.contains("no statement of permissions boundary boundary-1 allows s3:GetObject"), "{said}");
}
