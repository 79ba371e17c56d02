//! Why a call of the family failed, with the numbers and texts that WeChat documents for it.
//! No text has anything of the host in it: a path is the one that the mini-program wrote.

use crate::error::{Error, ErrorCode};
use rustix::io::Errno;
use std::io;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident, $number:literal, $code:ident, $text:literal;)*) => {
        /// One thing that can be wrong.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($(#[$doc])* $variant,)*
            /// The arguments; the text says which.
            Argument(String),
            /// A fault of the library's own kind, with its own number.
            Own(ErrorCode),
        }

        impl Fault {
            /// What a mini-program sees as `errCode`.
            pub(super) fn number(&self) -> i32 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Argument(_) => ErrorCode::Parameter.number(),
                    Self::Own(code) => code.number(),
                }
            }

            /// The code for the host and for other parts of the library.
            pub(super) fn code(&self) -> ErrorCode {
                match self {
                    $(Self::$variant => ErrorCode::$code,)*
                    Self::Argument(_) => ErrorCode::Parameter,
                    Self::Own(code) => *code,
                }
            }

            /// What follows `fail `.
            pub(super) fn text(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Argument(text) => text,
                    Self::Own(code) => code.text(),
                }
            }
        }
    };
}

faults! {
    NotPermitted, 1300001, Denied, "operation not permitted";
    NoSuch, 1300002, NotFound, "no such file or directory";
    Broken, 1300005, Internal, "Input/output error";
    BadHandle, 1300009, Parameter, "bad file descriptor";
    Denied, 1300013, Denied, "permission denied";
    /// The path leads out of the mini-program's files.
    Forbidden, 1300014, Parameter, "Path permission denied";
    NotAFolder, 1300020, Parameter, "not a directory";
    IsAFolder, 1300021, Parameter, "Is a directory";
    Invalid, 1300022, Parameter, "Invalid argument";
    NameTooLong, 1300036, Parameter, "File name too long";
    NotEmpty, 1300066, Parameter, "directory not empty";
    /// A call of the system failed.
    System, 1300201, Internal, "system error";
    /// The quota, or the disk.
    Full, 1300202, StorageFull, "the maximum size of the file storage limit is exceeded";
    BadEncoding, 1300203, Parameter, "base64 encode error";
    /// A place that is only read.
    ReadOnly, 1301000, Denied, "permission denied, cannot access file path";
    NotForFolders, 1301003, Parameter, "illegal operation on a directory";
    NotInPackage, 1301004, Denied, "illegal operation on a package directory";
    Exists, 1301005, Parameter, "file already exists";
    BadLength, 1301006, Parameter, "value of length is out of range";
    BadOffset, 1301007, Parameter, "value of offset is out of range";
    BadPosition, 1301009, Parameter, "value of position is out of range";
    ZipUnreadable, 1301102, BadPackage, "unzip open file fail";
    ZipEntry, 1301103, BadPackage, "unzip entry fail";
    Zip, 1301104, BadPackage, "unzip fail";
    NoTemporary, 1301112, NotFound, "tempFilePath file not exist";
    HandleDenied, 1302001, Denied, "permission denied, the file was not opened for that";
    TooManyHandles, 1302002, Limit, "excced max concurrent fd limit";
    BadFlag, 1302003, Parameter, "invalid flag";
    NoBuffer, 1302005, Parameter, "array buffer does not exist";
}

impl Fault {
    /// Whether the text gains from saying which path.
    pub(super) fn is_about_a_path(&self) -> bool {
        matches!(
            self,
            Self::NotPermitted
                | Self::NoSuch
                | Self::Denied
                | Self::Forbidden
                | Self::NotAFolder
                | Self::IsAFolder
                | Self::NotEmpty
                | Self::ReadOnly
                | Self::NotForFolders
                | Self::NotInPackage
                | Self::Exists
        )
    }
}

impl From<Errno> for Fault {
    fn from(error: Errno) -> Self {
        match error {
            Errno::PERM => Self::NotPermitted,
            Errno::NOENT => Self::NoSuch,
            Errno::IO => Self::Broken,
            Errno::BADF => Self::BadHandle,
            Errno::ACCESS | Errno::ROFS => Self::Denied,
            // A link, where no link is followed.
            Errno::LOOP | Errno::XDEV => Self::Forbidden,
            Errno::NOTDIR => Self::NotAFolder,
            Errno::ISDIR => Self::IsAFolder,
            Errno::INVAL => Self::Invalid,
            Errno::NAMETOOLONG | Errno::ILSEQ => Self::NameTooLong,
            Errno::NOTEMPTY => Self::NotEmpty,
            Errno::EXIST => Self::Exists,
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG | Errno::MLINK => Self::Full,
            _ => Self::System,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Errno::from_io_error(&error).map_or(Self::System, Self::from)
    }
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self::Own(code)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::new(fault.code(), fault.text().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_c14_every_way_in_which_a_disk_says_full_is_one_fault() {
        for error in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            assert_eq!(Fault::from(error).code(), ErrorCode::StorageFull, "{error:?}");
            assert_eq!(Fault::from(io::Error::from(error)), Fault::Full);
        }
    }
}
