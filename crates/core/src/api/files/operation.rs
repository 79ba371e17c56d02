//! The APIs of the family: their names, what each does, and what a failure says.

use super::fault::Fault;

/// What one API does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Access,
    Append,
    Close,
    Copy,
    FileInfo,
    HandleLength,
    HandleStat,
    List,
    MakeFolder,
    Open,
    Read,
    ReadFile,
    ReadZip,
    RemoveFile,
    RemoveFolder,
    RemoveSaved,
    Rename,
    Save,
    SavedInfo,
    SavedList,
    SetLength,
    Stat,
    Unpack,
    Write,
    WriteFile,
}

/// A name, whether it answers at once, and what it does.
pub(super) type Name = (&'static str, bool, Operation);

/// The members of `ft` and `wx`.
pub(super) const MEMBERS: [Name; 5] = [
    ("saveFile", false, Operation::Save),
    ("getFileInfo", false, Operation::FileInfo),
    ("getSavedFileInfo", false, Operation::SavedInfo),
    ("getSavedFileList", false, Operation::SavedList),
    ("removeSavedFile", false, Operation::RemoveSaved),
];

/// The members of what `getFileSystemManager` gives.
pub(super) const METHODS: [Name; 43] = [
    ("FileSystemManager.access", false, Operation::Access),
    ("FileSystemManager.accessSync", true, Operation::Access),
    ("FileSystemManager.appendFile", false, Operation::Append),
    ("FileSystemManager.appendFileSync", true, Operation::Append),
    ("FileSystemManager.close", false, Operation::Close),
    ("FileSystemManager.closeSync", true, Operation::Close),
    ("FileSystemManager.copyFile", false, Operation::Copy),
    ("FileSystemManager.copyFileSync", true, Operation::Copy),
    ("FileSystemManager.fstat", false, Operation::HandleStat),
    ("FileSystemManager.fstatSync", true, Operation::HandleStat),
    ("FileSystemManager.ftruncate", false, Operation::HandleLength),
    ("FileSystemManager.ftruncateSync", true, Operation::HandleLength),
    ("FileSystemManager.getFileInfo", false, Operation::FileInfo),
    ("FileSystemManager.getSavedFileList", false, Operation::SavedList),
    ("FileSystemManager.mkdir", false, Operation::MakeFolder),
    ("FileSystemManager.mkdirSync", true, Operation::MakeFolder),
    ("FileSystemManager.open", false, Operation::Open),
    ("FileSystemManager.openSync", true, Operation::Open),
    ("FileSystemManager.read", false, Operation::Read),
    ("FileSystemManager.readSync", true, Operation::Read),
    ("FileSystemManager.readFile", false, Operation::ReadFile),
    ("FileSystemManager.readFileSync", true, Operation::ReadFile),
    ("FileSystemManager.readZipEntry", false, Operation::ReadZip),
    ("FileSystemManager.readdir", false, Operation::List),
    ("FileSystemManager.readdirSync", true, Operation::List),
    ("FileSystemManager.removeSavedFile", false, Operation::RemoveSaved),
    ("FileSystemManager.rename", false, Operation::Rename),
    ("FileSystemManager.renameSync", true, Operation::Rename),
    ("FileSystemManager.rmdir", false, Operation::RemoveFolder),
    ("FileSystemManager.rmdirSync", true, Operation::RemoveFolder),
    ("FileSystemManager.saveFile", false, Operation::Save),
    ("FileSystemManager.saveFileSync", true, Operation::Save),
    ("FileSystemManager.stat", false, Operation::Stat),
    ("FileSystemManager.statSync", true, Operation::Stat),
    ("FileSystemManager.truncate", false, Operation::SetLength),
    ("FileSystemManager.truncateSync", true, Operation::SetLength),
    ("FileSystemManager.unlink", false, Operation::RemoveFile),
    ("FileSystemManager.unlinkSync", true, Operation::RemoveFile),
    ("FileSystemManager.unzip", false, Operation::Unpack),
    ("FileSystemManager.write", false, Operation::Write),
    ("FileSystemManager.writeSync", true, Operation::Write),
    ("FileSystemManager.writeFile", false, Operation::WriteFile),
    ("FileSystemManager.writeFileSync", true, Operation::WriteFile),
];

/// The object whose methods they are.
pub(crate) const OBJECT: &str = "FileSystemManager";

/// Whether `canIUse` knows that part of a member of `ft` and `wx`, if it is one of this family.
pub(crate) fn documented(name: &str, word: &str, below: &str) -> Option<bool> {
    const CALLBACKS: [&str; 3] = ["success", "fail", "complete"];
    let (takes, gives): (&[&str], &[&str]) = match name {
        "saveFile" => (&["tempFilePath", "filePath"], &["savedFilePath"]),
        "getFileInfo" => (&["filePath", "digestAlgorithm"], &["size", "digest"]),
        "getSavedFileInfo" => (&["filePath"], &["size", "createTime"]),
        "getSavedFileList" => (&[], &["fileList"]),
        "removeSavedFile" => (&["filePath"], &[]),
        "getFileSystemManager" => return Some(word == "return" && below.is_empty()),
        _ => return None,
    };
    Some(match word {
        "object" => below.is_empty() || takes.contains(&below) || CALLBACKS.contains(&below),
        "success" => matches!(below, "" | "errMsg") || gives.contains(&below),
        _ => false,
    })
}

impl Operation {
    /// Whether nothing is lost when nobody waits for it any more.
    pub(super) fn only_reads(self) -> bool {
        matches!(
            self,
            Self::Access
                | Self::FileInfo
                | Self::HandleStat
                | Self::List
                | Self::ReadFile
                | Self::ReadZip
                | Self::SavedInfo
                | Self::SavedList
                | Self::Stat
        )
    }

    /// What a fault says here: what was being done, and to which paths, where that is in question.
    pub(super) fn explain(self, fault: &Fault, paths: &str) -> String {
        let text = fault.text();
        match self.verb() {
            Some(verb) if fault.is_about_a_path() && !paths.is_empty() => format!("{text}, {verb} {paths}"),
            _ => text.to_owned(),
        }
    }

    /// The system's word for it.
    fn verb(self) -> Option<&'static str> {
        Some(match self {
            Self::Access => "access",
            Self::Append
            | Self::FileInfo
            | Self::Open
            | Self::ReadFile
            | Self::ReadZip
            | Self::Unpack
            | Self::WriteFile => "open",
            Self::Copy => "copyfile",
            Self::List => "scandir",
            Self::MakeFolder => "mkdir",
            Self::RemoveFile | Self::RemoveSaved => "unlink",
            Self::RemoveFolder => "rmdir",
            Self::Rename => "rename",
            Self::SetLength => "truncate",
            Self::Stat | Self::SavedInfo => "stat",
            Self::Save => "save",
            Self::Close | Self::HandleLength | Self::HandleStat | Self::Read | Self::SavedList | Self::Write => {
                return None;
            }
        })
    }
}
