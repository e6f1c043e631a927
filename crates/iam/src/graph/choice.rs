//! Names that an attacker may choose: a permission for `function:app-*` suffices for whoever may call their function
//! `app-x`.

/// How many choices are tried.
const TRIED: usize = 24;
/// The region and the name where nothing asks for others.
const REGION: &str = "us-east-1";
const NAME: &str = "keelguard";

/// ARNs of the form `template` (with `{region}`, `{account}` and `{name}`): any, and for each resource that a policy
/// names one that fits it; the same in each of `regions`, which policies name.
pub(crate) fn choices(template: &str, account: &str, named: &[String], regions: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let regions = || [REGION].into_iter().chain(regions.iter().map(String::as_str));
    let widest = regions().map(|region| Some(filled(template, account, region, NAME)));
    let by_policy =
        named.iter().flat_map(|pattern| regions().map(|region| fitting(template, account, pattern, region)));
    for choice in widest.chain(by_policy).flatten() {
        if !all.contains(&choice) {
            all.push(choice);
        }
        if all.len() >= TRIED {
            break;
        }
    }
    all
}

fn filled(template: &str, account: &str, region: &str, name: &str) -> String {
    template.replace("{account}", account).replace("{region}", region).replace("{name}", name)
}

/// An ARN of the form `template` that `pattern` covers, where there is one; in `region`, where it leaves that open.
fn fitting(template: &str, account: &str, pattern: &str, region: &str) -> Option<String> {
    let plain = pattern.replace(['*', '?'], "x");
    let mut parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let last = parts.pop()?;
    let region = match parts.get(3) {
        Some(&wanted) if wanted.len() > 1 && !crate::pattern::matches(wanted, region) => {
            wanted.replace('*', "east-1").replace('?', "1")
        }
        _ => region.to_owned(),
    };
    let region = region.as_str();
    let form: Vec<&str> = template.splitn(6, ':').collect();
    let wanted = form.get(5)?;
    let chosen = plain.splitn(6, ':').last().filter(|_| parts.len() == 5)?;
    // The resource as the policy names it, each star one letter, must have the form that the service gives it.
    let any = filled(wanted, account, region, "*");
    let resource = if crate::pattern::matches(&any, chosen) {
        chosen.to_owned()
    } else {
        let widest = filled(wanted, account, region, NAME);
        crate::pattern::matches(last, &widest).then_some(widest)?
    };
    let mut head: Vec<String> = form.iter().take(5).map(|part| filled(part, account, region, NAME)).collect();
    head.push(resource);
    Some(head.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:{region}:{account}:function:{name}";

    fn chosen(pattern: &str) -> Vec<String> {
        let all = choices(FUNCTION, "111122223333", &[pattern.to_owned()], &[]);
        all.into_iter().filter(|arn| crate::pattern::matches(pattern, arn)).collect()
    }

    #[test]
    fn whoever_may_choose_a_name_chooses_one_that_the_policy_allows() {
        for pattern in [
            "*",
            "arn:aws:lambda:*:*:function:app-*",
            "arn:aws:lambda:eu-central-1:111122223333:function:app-?",
            "arn:aws:lambda:eu-*:111122223333:function:*",
            "arn:aws:lambda:*",
            "arn:aws:lambda:eu-west-1:*:func*",
        ] {
            assert!(
                !chosen(pattern).is_empty(),
                "{pattern}: {:?}",
                choices(FUNCTION, "111122223333", &[pattern.to_owned()], &[])
            );
        }
    }

    #[test]
    fn nobody_chooses_another_account_or_another_kind_of_thing() {
        for pattern in ["arn:aws:lambda:*:999999999999:function:*", "arn:aws:lambda:*:*:layer:*", "arn:aws:s3:::x"] {
            assert_eq!(chosen(pattern), [""; 0], "{pattern}");
        }
    }
}
