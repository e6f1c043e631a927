//! Which cloud this machine runs in, by what its firmware says of itself. No network is asked.

use super::read;

/// Field of `/sys/class/dmi/id`, what it contains, which cloud.
const MARKS: &[(&str, &str, &str)] = &[
    ("sys_vendor", "Amazon EC2", "aws"),
    ("bios_vendor", "Amazon EC2", "aws"),
    ("bios_version", "amazon", "aws"),
    ("product_name", "Google Compute Engine", "gcp"),
    ("sys_vendor", "Google", "gcp"),
    // Azure's own asset tag: Hyper-V elsewhere has the same vendor.
    ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "azure"),
    ("sys_vendor", "Alibaba Cloud", "alibaba"),
    ("sys_vendor", "Tencent Cloud", "tencent"),
    ("sys_vendor", "Huawei Cloud", "huawei"),
    ("sys_vendor", "DigitalOcean", "digitalocean"),
    ("sys_vendor", "Hetzner", "hetzner"),
    ("sys_vendor", "Vultr", "vultr"),
    ("sys_vendor", "Scaleway", "scaleway"),
    ("sys_vendor", "Linode", "linode"),
    ("chassis_asset_tag", "OracleCloud.com", "oracle"),
    ("product_name", "OpenStack", "openstack"),
];

pub(super) fn collect() -> Option<String> {
    let marked = |(field, text, _): &&(&str, &str, &str)| {
        read::word(format!("/sys/class/dmi/id/{field}")).is_some_and(|value| value.contains(text))
    };
    MARKS.iter().find(marked).map(|(_, _, cloud)| (*cloud).to_owned())
}

/// The instance's id: newer instances of AWS carry it as their board's asset tag.
pub(super) fn instance() -> Option<String> {
    read::word("/sys/class/dmi/id/board_asset_tag").filter(|tag| is_instance(tag))
}

fn is_instance(tag: &str) -> bool {
    let id = tag.strip_prefix("i-");
    id.is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_tag_is_an_instance_only_in_the_form_that_aws_gives_it() {
        assert!(is_instance("i-0123456789abcdef0") && is_instance("i-01234567"));
        assert!(!is_instance("i-server") && !is_instance("Not Specified") && !is_instance(""));
    }
}
