import CLibArchive
import Glibc

/// The files that a path stands for: itself, or those in a ZIP archive, as `archive.zip/member.xml`, which `InputFile` opens.
///
/// - Errors: an archive that is damaged, empty, of more than 10,000 files, an Office document.
package func inputPaths(_ path: String) throws(FileFault) -> [String] {
    guard try isArchive(path) else { return [path] }
    let archive = try Archive(path: path)
    var members: [String] = [], known: Set<String> = []
    while let member = try archive.next() {
        guard member != "[Content_Types].xml" else { throw FileFault(path: path, "is an Office document: save it as CSV") }
        guard let name = member.split(separator: "/").last else { throw FileFault(path: path, "holds a file without a name: unpack it") }
        guard !member.hasPrefix("__MACOSX/"), !member.hasSuffix("/"), !name.hasPrefix(".") else { continue }
        guard known.insert(member).inserted else { throw FileFault(path: path, "holds two files named \(member): unpack it") }
        members.append("\(path)/\(member)")
        guard members.count <= 10_000 else { throw FileFault(path: path, "holds more than 10,000 files: send fewer at a time") }
    }
    guard !members.isEmpty else { throw FileFault(path: path, "is an archive without files") }
    return members
}

/// Whether the file begins as ZIP archives do, an empty one too.
private func isArchive(_ path: String) throws(FileFault) -> Bool {
    let file = try InputFile(path: path)
    var head: [UInt8] = [0, 0, 0, 0], fault: FileFault?
    head.withUnsafeMutableBytes { buffer in
        do throws(FileFault) { _ = try file.read(into: buffer) } catch { fault = error }
    }
    if let fault { throw fault }
    return head == [0x50, 0x4B, 3, 4] || head == [0x50, 0x4B, 5, 6]
}

/// A ZIP archive, read from member to member.
final class Archive {
    private let path: String
    private let descriptor: Int32
    private let handle: OpaquePointer
    private var isLocked = false

    private static let blockSize = 64 * 1024

    init(path: String) throws(FileFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault(path: path, "cannot be opened: \(reason(errno))") }
        guard let handle = archive_read_new() else {
            close(descriptor)
            throw FileFault(path: path, "cannot be read: out of memory")
        }
        (self.path, self.descriptor, self.handle) = (path, descriptor, handle)
        archive_read_support_format_zip(handle)
        guard archive_read_open_fd(handle, descriptor, Self.blockSize) == ARCHIVE_OK else { throw damaged() }
    }

    deinit {
        archive_read_free(handle)
        close(descriptor)
    }

    /// Goes on to the next member.
    ///
    /// - Returns: Its name, with a slash behind that of a folder; nil behind the last.
    func next() throws(FileFault) -> String? {
        var entry: OpaquePointer?
        let result = archive_read_next_header(handle, &entry)
        if result == ARCHIVE_EOF { return nil }
        guard result >= ARCHIVE_WARN, let entry else { throw damaged() }
        isLocked = archive_entry_is_encrypted(entry) != 0
        guard let name = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else {
            throw FileFault(path: path, "holds a file without a name: unpack it")
        }
        return String(cString: name)
    }

    /// Fills `buffer` from the member; fewer bytes only at its end, then 0.
    ///
    /// - Parameter member: The member's path, for errors.
    func read(into buffer: UnsafeMutableRawBufferPointer, _ member: String) throws(FileFault) -> Int {
        guard !isLocked else { throw FileFault(path: member, "is locked with a password: unpack the archive") }
        var count = 0
        while count < buffer.count {
            let more = archive_read_data(handle, buffer.baseAddress! + count, buffer.count - count)
            guard more >= 0 else { throw damaged() }
            if more == 0 { break }
            count += more
        }
        return count
    }

    private func damaged() -> FileFault {
        let text = archive_error_string(handle).map { ": " + String(cString: $0) } ?? ""
        return FileFault(path: path, "the archive is damaged\(text): fetch it again")
    }
}
