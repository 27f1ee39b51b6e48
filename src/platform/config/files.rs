//! Where files lie.

use std::{fmt, path::PathBuf};

use clap::Args;
use url::Url;

use super::{Database, Problems, given, variable};
use crate::platform::files::{Bucket, Files};

/// The secret of the key at the object store. No flag: others on the machine could read it.
pub const SECRET_KEY: &str = "PARTNER_PORTAL_FILES_SECRET_KEY";

const FILES: &str = "PARTNER_PORTAL_FILES";
const ENDPOINT: &str = "PARTNER_PORTAL_FILES_ENDPOINT";
const ACCESS_KEY: &str = "PARTNER_PORTAL_FILES_ACCESS_KEY";

/// Files, as written.
#[derive(Args, Clone, Default)]
pub struct FilesArgs {
    /// Where files lie that people send: `folder:PATH` or `s3://BUCKET[/PREFIX]` [default: folder:files; in the demo a
    /// folder beside its database]
    #[arg(long, env = "PARTNER_PORTAL_FILES")]
    files: Option<String>,
    /// The address of an object store that speaks S3 and is not Amazon's, such as `https://storage.example.com`
    #[arg(long, env = "PARTNER_PORTAL_FILES_ENDPOINT")]
    files_endpoint: Option<String>,
    /// The region of the bucket [default: us-east-1]
    #[arg(long, env = "PARTNER_PORTAL_FILES_REGION")]
    files_region: Option<String>,
    /// The id of the key at the object store; the variable PARTNER_PORTAL_FILES_SECRET_KEY holds its secret. Without one,
    /// what the machine is given counts
    #[arg(long, env = "PARTNER_PORTAL_FILES_ACCESS_KEY")]
    files_access_key: Option<String>,
}

/// Files.
#[derive(Clone)]
pub enum FilesConfig {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(Bucket),
}

impl fmt::Debug for FilesConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
            Self::Bucket(bucket) => f.debug_tuple("Bucket").field(&bucket.name).finish(),
        }
    }
}

impl FilesArgs {
    /// What an operator should know of a server with this database: several of them would each have a folder of its own,
    /// and none the files of the others.
    #[must_use]
    pub fn warning(&self, database: &Database) -> Option<&'static str> {
        let several = database.has_several_servers() && given(self.files.as_ref()).is_none();
        several.then_some(
            "files lie in this server's own folder, because PARTNER_PORTAL_FILES is not set: several servers on one \
             database need one folder that they share, or a bucket",
        )
    }

    /// Reads it; without a setting files lie in `folder`.
    pub fn read(&self, problems: &mut Problems, folder: PathBuf) -> Option<FilesConfig> {
        self.read_with(problems, folder, variable(SECRET_KEY).filter(|secret| !secret.trim().is_empty()))
    }

    fn read_with(&self, problems: &mut Problems, folder: PathBuf, secret: Option<String>) -> Option<FilesConfig> {
        let key = match (given(self.files_access_key.as_ref()).map(str::to_owned), secret) {
            (Some(id), Some(secret)) => Ok(Some((id, secret))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(format!("a key needs its secret: set {SECRET_KEY}")),
            (None, Some(_)) => Err(format!("{SECRET_KEY} is set, and no key that it belongs to")),
        };
        let key = problems.take(ACCESS_KEY, key)?;
        let endpoint = problems.take(ENDPOINT, given(self.files_endpoint.as_ref()).map(address).transpose())?;
        let region = given(self.files_region.as_ref()).map(str::to_owned);
        let read = match given(self.files.as_ref()) {
            None => Ok(FilesConfig::Folder(folder)),
            Some(text) => place(text, Bucket { name: String::new(), prefix: String::new(), endpoint, region, key }),
        };
        problems.take(FILES, read)
    }
}

fn place(text: &str, bucket: Bucket) -> Result<FilesConfig, String> {
    if let Some(path) = text.strip_prefix("folder:").filter(|path| !path.is_empty()) {
        return Ok(FilesConfig::Folder(PathBuf::from(path)));
    }
    let rest = text
        .strip_prefix("s3://")
        .ok_or_else(|| format!("{text:?} is none of folder:PATH and s3://BUCKET[/PREFIX]"))?;
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if name.is_empty() {
        return Err("s3://BUCKET[/PREFIX] names a bucket".to_owned());
    }
    let prefix = prefix.trim_matches('/').to_owned();
    Ok(FilesConfig::Bucket(Bucket { name: name.to_owned(), prefix, ..bucket }))
}

fn address(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no address such as https://storage.example.com");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none();
    if plain { Ok(text.trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

impl FilesConfig {
    /// Opens it.
    ///
    /// # Errors
    /// A sentence when the settings do not fit together.
    pub fn open(&self) -> Result<Files, String> {
        match self {
            Self::Folder(path) => Ok(Files::in_folder(path.clone())),
            Self::Bucket(bucket) => Files::in_bucket(bucket).map_err(|problem| format!("{FILES}: {problem}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::DatabaseArgs, *};

    fn read(
        files: Option<&str>,
        endpoint: Option<&str>,
        key: Option<&str>,
        secret: Option<&str>,
    ) -> Option<FilesConfig> {
        let mut problems = Problems::default();
        let own = |text: Option<&str>| text.map(str::to_owned);
        let args = FilesArgs {
            files: own(files),
            files_endpoint: own(endpoint),
            files_region: None,
            files_access_key: own(key),
        };
        args.read_with(&mut problems, "default".into(), own(secret))
    }

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        assert!(
            matches!(read(None, None, None, None), Some(FilesConfig::Folder(path)) if path.as_path() == Path::new("default"))
        );
        assert!(
            matches!(read(Some("folder:/srv/x"), None, None, None), Some(FilesConfig::Folder(path)) if path.as_path() == Path::new("/srv/x"))
        );
        let Some(FilesConfig::Bucket(bucket)) =
            read(Some("s3://b/a/c/"), Some("http://127.0.0.1:9000/"), Some("i"), Some("s"))
        else {
            panic!("no bucket")
        };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("b", "a/c"));
        assert_eq!(bucket.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert!(FilesConfig::Bucket(bucket.clone()).open().is_ok());
        assert!(!format!("{:?}", FilesConfig::Bucket(bucket)).contains("\"s\""));
        for (files, endpoint, key, secret) in [
            (Some("s3://"), None, None, None),
            (Some("folder:"), None, None, None),
            (Some("/srv/x"), None, None, None),
            (Some("s3://b"), Some("storage.example.com"), None, None),
            (Some("s3://b"), None, Some("i"), None),
            (Some("s3://b"), None, None, Some("s")),
        ] {
            assert!(read(files, endpoint, key, secret).is_none(), "{files:?} {endpoint:?}");
        }
    }

    #[test]
    fn a_folder_that_nobody_chose_is_warned_of_where_there_may_be_several_servers() {
        for (url, files, warned) in [
            ("postgres://db/portal", None, true),
            ("postgresql://db/portal", Some(" "), true),
            ("postgres://db/portal", Some("folder:/files"), false),
            ("sqlite:portal.sqlite3", None, false),
        ] {
            let database = DatabaseArgs::at(url).read(&mut Problems::default()).unwrap();
            let args = FilesArgs { files: files.map(str::to_owned), ..FilesArgs::default() };
            assert_eq!(args.warning(&database).is_some(), warned, "{url} {files:?}");
        }
    }
}
