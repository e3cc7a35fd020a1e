import CLibArchive
import CZlib
import Glibc

/// What is wrong with a file, where, and what to do: `statement.xml, line 12: …`.
package struct FileFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let path: String
    /// 1-based; nil when the fault is not in one line.
    package let line: Int?
    package let message: String
    package init(path: String, line: Int? = nil, _ message: String) {
        (self.path, self.line, self.message) = (path, line, message)
    }

    package var description: String { "\(path)\(line.map { ", line \($0)" } ?? ""): \(message)" }
}

/// The bytes of a file, gzipped or not, or of a member of a ZIP archive, from first to last.
package final class InputFile {
    package let path: String
    private let source: Source
    private let bound: UnpackedBound
    /// Bytes of the file or the archive; 0 of what is no file on a disk.
    private let packed: Int
    private var unpacked = 0

    private enum Source {
        case file(gzFile)
        case member(Archive)
    }

    private static let bufferSize: UInt32 = 256 * 1024

    /// - Parameters:
    ///   - path: Of a file; `archive.zip/member.xml` for what an archive holds.
    ///   - bound: Of what comes out of a packed file; one that is not packed may be of any size.
    package init(path: String, bound: UnpackedBound = .stream) throws(FileFault) {
        self.bound = bound
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOTDIR, let archive = try memberArchive(path) {
            (self.path, source, packed) = (path, .member(archive), archive.packed)
            return
        }
        guard descriptor >= 0 else { throw FileFault(path: path, "cannot be opened: \(reason(errno))") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let cause = reason(errno)
            close(descriptor)
            throw FileFault(path: path, "cannot be read: \(cause)")
        }
        guard facts.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw FileFault(path: path, "is a directory: name one file")
        }
        guard let stream = gzdopen(descriptor, "rb") else {
            close(descriptor)
            throw FileFault(path: path, "cannot be read: out of memory")
        }
        gzbuffer(stream, Self.bufferSize)
        (self.path, source, packed) = (path, .file(stream), Int(facts.st_size))
    }

    deinit { if case .file(let stream) = source { gzclose_r(stream) } }

    /// Fills `buffer`, which is at most 2 GiB; fewer bytes only at the end of the file, then 0.
    ///
    /// - Errors: a gzip stream or an archive that ends early, a damaged one, a locked one, one that unpacks to more than the bound, a disk
    ///   that fails.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        switch source {
        case .file(let stream): try read(stream, into: buffer)
        case .member(let archive): try read(archive, into: buffer)
        }
    }

    private func read(_ archive: Archive, into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        let isHead = unpacked == 0, count = try counted(archive.read(into: buffer, path))
        guard !isHead || count < 2 || buffer[0] != 0x1F || buffer[1] != 0x8B else {
            throw FileFault(path: path, "is gzipped within an archive: unpack the archive")
        }
        return count
    }

    private func counted(_ count: Int) throws(FileFault) -> Int {
        unpacked += count
        try bound.check(unpacked, of: packed, path)
        return count
    }

    private func read(_ stream: gzFile, into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        let count = gzread(stream, buffer.baseAddress, UInt32(buffer.count))
        if count > 0, gzdirect(stream) == 0 { _ = try counted(Int(count)) }
        if count == buffer.count { return buffer.count }
        var code: Int32 = 0
        let text = gzerror(stream, &code).map { String(cString: $0) } ?? ""
        switch code {
        case Z_OK, Z_STREAM_END: return Int(count)
        case Z_BUF_ERROR: throw FileFault(path: path, "the gzip file is cut off: fetch it again")
        case Z_ERRNO: throw FileFault(path: path, "cannot be read: \(reason(errno))")
        default: throw FileFault(path: path, "the gzip file is damaged (\(text)): fetch it again")
        }
    }
}

/// The archive that the path leads into, at the member that it names; nil when it leads into no file.
private func memberArchive(_ path: String) throws(FileFault) -> Archive? {
    for (at, character) in zip(path.indices, path) where character == "/" && at > path.startIndex {
        let outer = String(path[..<at])
        var facts = stat()
        guard stat(outer, &facts) == 0 else { return nil }
        guard facts.st_mode & S_IFMT != S_IFDIR else { continue }
        let archive = try Archive(path: outer), wanted = path[path.index(after: at)...]
        while let member = try archive.next() { if member == wanted { return archive } }
        return nil
    }
    return nil
}

func reason(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
