//! Where Podman and CRI-O keep images: `storage.conf`, as far as it says that.

use std::path::{Path, PathBuf};

/// Storages, in the order in which they are to be asked, and those whose layers they share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storages {
    /// Where images may be.
    pub roots: Vec<PathBuf>,
    /// Where further layers and images may be (`additionalimagestores`).
    pub beside: Vec<PathBuf>,
}

/// Larger files hold something else.
const MAX_FILE: u64 = 1 << 20;

impl Storages {
    /// Of this machine and of whoever runs this.
    pub fn here() -> Self {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = folder("HOME");
        let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let configured = folder("XDG_CONFIG_HOME").or_else(|| below_home(".config"));
        let data = folder("XDG_DATA_HOME").or_else(|| below_home(".local/share"));
        let files = [
            folder("CONTAINERS_STORAGE_CONF"),
            configured.map(|folder| folder.join("containers/storage.conf")),
            Some(PathBuf::from("/etc/containers/storage.conf")),
            Some(PathBuf::from("/usr/share/containers/storage.conf")),
        ];
        let mut storages = Self::default();
        for file in files.into_iter().flatten() {
            if let Some(text) = read(&file) {
                storages.add(&text);
            }
        }
        storages.roots.extend(data.map(|folder| folder.join("containers/storage")));
        storages.roots.push(PathBuf::from("/var/lib/containers/storage"));
        let mut known = std::collections::HashSet::new();
        storages.roots.retain(|root| known.insert(root.clone()));
        storages
    }

    /// What one file says. What is not understood in it is Podman's business.
    fn add(&mut self, text: &str) {
        let Ok(table) = text.parse::<toml::Table>() else { return };
        let Some(storage) = table.get("storage").and_then(toml::Value::as_table) else { return };
        // Variables stand for parts of a user's own folders, which are asked anyway.
        let path = |value: &toml::Value| value.as_str().filter(|text| text.starts_with('/')).map(PathBuf::from);
        self.roots.extend(storage.get("graphroot").and_then(path));
        let options = storage.get("options").and_then(toml::Value::as_table);
        let stores = options.and_then(|options| options.get("additionalimagestores")).and_then(toml::Value::as_array);
        self.beside.extend(stores.into_iter().flatten().filter_map(path));
    }
}

fn read(file: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(file).ok()?.take(MAX_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_where_images_and_further_layers_are() {
        let mut storages = Storages::default();
        storages.add(
            "[storage]\ndriver = 'overlay'\ngraphroot = '/data/storage'\n[storage.options]\nadditionalimagestores = ['/mnt/a', '$HOME/b']\n",
        );
        storages.add("not toml at all [");
        storages.add("storage = 3");
        assert_eq!(storages, Storages { roots: vec!["/data/storage".into()], beside: vec!["/mnt/a".into()] });
    }
}
