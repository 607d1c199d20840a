use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags, openat};

use crate::layout::is_plain_name;

/// A folder whose files are opened by their bare names. Nothing that is asked of it leads out of it: a link is never followed, and what
/// is no regular file is never opened.
#[derive(Debug)]
pub struct Folder {
    /// None where there is no such folder.
    handle: Option<File>,
}

impl Folder {
    /// The folder that a file lies in; of a link, the one that its target lies in.
    pub(crate) fn around(file: &Path) -> Self {
        let handle = fs::canonicalize(file).ok().and_then(|file| File::open(file.parent()?).ok());
        Self { handle }
    }

    /// The folder at this path, which has to be one itself.
    pub(crate) fn at(path: &Path) -> Self {
        let is_directory = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Self { handle: rustix::fs::open(path, is_directory, Mode::empty()).ok().map(File::from) }
    }

    /// The file of that name, if there is one.
    ///
    /// # Errors
    ///
    /// It is there and cannot be opened.
    pub fn open(&self, name: &str) -> io::Result<Option<File>> {
        let Some(handle) = self.handle.as_ref().filter(|_| is_plain_name(name)) else { return Ok(None) };
        // A pipe that nobody writes to would block.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(handle, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::LOOP | rustix::io::Errno::NXIO) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(file.metadata()?.is_file().then_some(file))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use rustix::fs::{FileType, mknodat};

    use super::*;

    #[test]
    fn only_regular_files_of_the_folder_itself_are_opened() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        fs::create_dir_all(folder.join("below")).unwrap();
        for (path, content) in [("outside", "out"), ("folder/a.har", "har"), ("folder/file", "in"), ("folder/below/deep", "deep")] {
            fs::write(root.path().join(path), content).unwrap();
        }
        symlink(root.path().join("outside"), folder.join("link")).unwrap();
        symlink("file", folder.join("link-inside")).unwrap();
        symlink("nowhere", folder.join("dangling")).unwrap();
        symlink(&folder, root.path().join("folder-link")).unwrap();
        symlink("folder/a.har", root.path().join("har-link")).unwrap();
        mknodat(rustix::fs::CWD, folder.join("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let read = |folder: &Folder, name: &str| {
            let mut text = String::new();
            folder.open(name).unwrap().map(|mut file| file.read_to_string(&mut text).map(|_| text).unwrap())
        };
        let around = Folder::around(&folder.join("a.har"));
        for (name, content) in [
            ("file", Some("in")),
            ("a.har", Some("har")),
            ("none", None),
            ("link", None),
            ("link-inside", None),
            ("dangling", None),
            ("pipe", None),
            ("below", None),
            ("below/deep", None),
            ("../outside", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(read(&around, name).as_deref(), content, "{name}");
        }
        assert_eq!(read(&Folder::around(&root.path().join("har-link")), "file").as_deref(), Some("in"), "beside what the link leads to");
        assert_eq!(read(&Folder::at(&folder), "file").as_deref(), Some("in"));
        assert_eq!(read(&Folder::at(&root.path().join("folder-link")), "file"), None, "a folder that is a link");
        assert_eq!(read(&Folder::at(&root.path().join("none")), "file"), None);
    }
}
