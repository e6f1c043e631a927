//! What the embedded table must know.

use super::*;

#[test]
fn the_committed_table_is_well_formed_and_agrees_with_its_first_line() {
    let header = verify(FILE).expect("the committed table can be read");
    assert!(header.services > 400 && header.actions > 20_000, "{header:?}");
    assert!(header.licence.contains("MIT"));
}

#[test]
fn an_action_is_found_in_any_case_and_an_unknown_one_is_told_from_an_unknown_service() {
    let Known::Action(service, action) = catalogue().action("s3", "GETobject") else { panic!("s3:GetObject is known") };
    assert_eq!((service.prefix, action.name, action.level), ("s3", "GetObject", Level::Read));
    assert!(service.types_of(action).any(|(on, _)| on.arn.contains("${ObjectName}")));
    assert!(
        matches!(catalogue().action("s3", "GetObjects"), Known::NotInService(service) if service.title.contains("S3"))
    );
    assert!(matches!(catalogue().action("s33", "GetObject"), Known::NoService));
}

#[test]
fn an_action_knows_its_own_keys_and_those_of_the_resources_it_works_on() {
    let Known::Action(ec2, action) = catalogue().action("ec2", "RunInstances") else {
        panic!("ec2:RunInstances is known")
    };
    let keys: Vec<_> = ec2.keys_of(action).map(|key| key.name).collect();
    assert!(keys.contains(&"ec2:InstanceType") && keys.contains(&"aws:RequestTag/${TagKey}"), "{keys:?}");
    assert!(!keys.contains(&"ec2:VpcPeeringConnectionID"), "{keys:?}");
}

#[test]
fn near_misses_are_named() {
    let s3 = catalogue().service("s3").expect("s3 is known");
    assert_eq!(s3.nearest_action("GetObjekt"), Some("GetObject"));
    assert_eq!(catalogue().nearest_service("dynamdb"), Some("dynamodb"));
    assert_eq!(catalogue().nearest_key("aws:SourceIP4"), Some("aws:SourceIp"));
    assert_eq!(catalogue().nearest_key("SourceVpc"), Some("aws:SourceVpc"));
    assert_eq!(s3.nearest_action("CompletelyElsewhere"), None);
}

#[test]
fn a_damaged_table_is_an_error_and_no_crash() {
    let file = FILE.to_vec();
    for cut in [0, 10, 400, 1_000, file.len() / 2, file.len() - 1] {
        assert!(verify(&file[..cut]).is_err(), "cut at {cut}");
    }
    for place in (0..file.len()).step_by(997) {
        let mut broken = file.clone();
        broken[place] ^= 0x55;
        let _ = verify(&broken);
    }
}
