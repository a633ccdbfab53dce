// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an AppImage starts with: the program in front of the squashfs image. It unpacks the image that follows its own ELF file into a
// temporary folder, runs AppRun from there and removes the folder. Neither FUSE nor anything installed is needed.
// `--appimage-extract` leaves the content in ./squashfs-root, `--appimage-offset` says where the image begins (AppImage specification, type 2).
// Facts about the image: squashfuse/traverse.h; about the end of an ELF file: elf(5), the section headers are its last part.

extern "C" {
#include <squashfuse/squashfuse.h>
}

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr const char* self = "/proc/self/exe";
pid_t child = -1;

[[noreturn]] void fail(const std::string& what)
{
    std::fprintf(stderr, "AppImage: %s\n", what.c_str());
    std::exit(127);
}

/// Where the ELF file ends and the image begins, in bytes.
size_t imageOffset()
{
    Elf64_Ehdr header{};
    const int file = open(self, O_RDONLY | O_CLOEXEC);
    if (file < 0 || pread(file, &header, sizeof header, 0) != sizeof header)
        fail(std::string("cannot read itself: ") + std::strerror(errno));
    close(file);
    return header.e_shoff + size_t(header.e_shnum) * header.e_shentsize;
}

/// Writes the file's content; false where the image or the disk gives out.
bool writeFile(sqfs& image, sqfs_inode& inode, const std::string& path, mode_t mode)
{
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0)
        return false;
    std::vector<char> buffer(1 << 20);
    bool isWritten = true;
    for (sqfs_off_t at = 0; isWritten && at < sqfs_off_t(inode.xtra.reg.file_size);) {
        sqfs_off_t size = sqfs_off_t(buffer.size());
        isWritten =
            sqfs_read_range(&image, &inode, at, &size, buffer.data()) == SQFS_OK && size > 0 && write(file, buffer.data(), size_t(size)) == size;
        at += size;
    }
    return close(file) == 0 && isWritten;
}

bool writeLink(sqfs& image, sqfs_inode& inode, const std::string& path)
{
    size_t size = inode.xtra.symlink_size + 1;
    std::vector<char> target(size);
    return sqfs_readlink(&image, &inode, target.data(), &size) == SQFS_OK && symlink(target.data(), path.c_str()) == 0;
}

bool writeEntry(sqfs& image, sqfs_dir_entry& entry, const std::string& path)
{
    sqfs_inode inode;
    if (sqfs_inode_get(&image, &inode, sqfs_dentry_inode(&entry)) != SQFS_OK)
        return false;
    if (S_ISDIR(inode.base.mode))
        return mkdir(path.c_str(), 0755) == 0;
    if (S_ISLNK(inode.base.mode))
        return writeLink(image, inode, path);
    return writeFile(image, inode, path, inode.base.mode & 0755);
}

/// What went wrong, in words; empty when everything is unpacked.
std::string unpackInto(const std::string& folder)
{
    const char* const isDamaged = "the image behind the program is damaged or cut short: download the file again";
    sqfs image;
    sqfs_traverse walk;
    if (sqfs_open_image(&image, self, imageOffset()) != SQFS_OK || sqfs_traverse_open(&walk, &image, sqfs_inode_root(&image)) != SQFS_OK)
        return isDamaged;
    sqfs_err error = SQFS_OK;
    while (sqfs_traverse_next(&walk, &error)) {
        errno = 0;
        if (!walk.dir_end && !writeEntry(image, walk.entry, folder + "/" + walk.path))
            return errno == 0 ? isDamaged : "cannot unpack " + std::string(walk.path) + " into " + folder + ": " + std::strerror(errno);
    }
    sqfs_traverse_close(&walk);
    sqfs_destroy(&image);
    return error == SQFS_OK ? "" : isDamaged;
}

void passOn(int number)
{
    if (child > 0)
        kill(child, number);
}

/// Runs AppRun with the arguments and returns its status, 128 + N after signal N as a shell does.
int run(const std::string& folder, char** arguments)
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        std::signal(number, passOn);
    child = fork();
    if (child == 0) {
        const std::string program = folder + "/AppRun";
        setenv("APPDIR", folder.c_str(), 1);
        setenv("APPIMAGE", fs::read_symlink(self).c_str(), 1);
        execv(program.c_str(), arguments);
        _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

int main(int argc, char** argv)
{
    const std::string option = argc > 1 ? argv[1] : "";
    if (option == "--appimage-offset") {
        std::printf("%zu\n", imageOffset());
        return 0;
    }
    if (option == "--appimage-extract") {
        if (mkdir("squashfs-root", 0755) != 0)
            fail(std::string("cannot make squashfs-root: ") + std::strerror(errno));
        if (const std::string problem = unpackInto("squashfs-root"); !problem.empty())
            fail(problem);
        return 0;
    }
    std::string folder = (fs::temp_directory_path() / "weighbridge-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr)
        fail("cannot make " + folder + ": " + std::strerror(errno));
    const std::string problem = unpackInto(folder);
    const int status = problem.empty() ? run(folder, argv) : 127;
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    if (!problem.empty())
        fail(problem);
    return status;
}
