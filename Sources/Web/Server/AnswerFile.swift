import Glibc
import NIOCore

/// An answer that is too long for memory: in a file without a name, which is gone with the last who holds it.
///
/// It is written whole before its first byte is sent: what fails in between is answered as a problem, the snapshot it is read from does not
/// wait for a slow reader, and its length is known. What fails later cuts the connection, and the reader finds fewer bytes than
/// `Content-Length` says.
final class AnswerFile: Sendable {
    /// The file system has no room, or does not give back what it took.
    struct Fault: Error, CustomStringConvertible {
        let what: String
        let code: Int32
        var description: String { "\(what): \(String(cString: strerror(code)))" }
    }
    /// So many bytes are sent at a time.
    static let partSize = 64 << 10
    private let descriptor: Int32

    /// - Parameter folder: Where temporary files are; the file has no name in it.
    init(in folder: String) throws {
        var template = Array("\(folder)/florin-answer-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Fault(what: "\(folder) takes no file", code: errno) }
        unlink(template)
    }
    deinit { close(descriptor) }

    func append(_ bytes: [UInt8]) throws {
        var at = 0
        while at < bytes.count {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + at, $0.count - at) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Fault(what: "an answer cannot be kept", code: errno) }
            at += written
        }
    }

    /// Bytes from a place on, at most `partSize`; they are there.
    func part(at place: Int, of count: Int) throws -> [UInt8] {
        let wanted = min(Self.partSize, count - place)
        var error: Int32 = 0
        let part = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            var found = pread(descriptor, buffer.baseAddress, wanted, place)
            while found < 0, errno == EINTR { found = pread(descriptor, buffer.baseAddress, wanted, place) }
            if found < 0 { error = errno }
            filled = max(0, found)
        }
        guard !part.isEmpty else { throw Fault(what: "an answer cannot be read back", code: error == 0 ? EIO : error) }
        return part
    }
}

/// An answer that grows: in memory while it is short, then in a file.
struct GrowingAnswer {
    private let folder: String
    private var bytes: [UInt8] = []
    private var file: AnswerFile?
    private var count = 0

    /// - Parameter folder: Where temporary files are.
    init(in folder: String) { self.folder = folder }

    mutating func append(_ more: [UInt8]) throws {
        count += more.count
        bytes += more
        guard bytes.count > AnswerFile.partSize else { return }
        let file = try file ?? AnswerFile(in: folder)
        try file.append(bytes)
        bytes.removeAll(keepingCapacity: true)
        self.file = file
    }

    /// What was appended, whole.
    mutating func end() throws -> AnswerBody {
        guard let file else { return .bytes(bytes) }
        try file.append(bytes)
        bytes = []
        return .file(file, count: count)
    }
}

enum AnswerBody: Sendable { case bytes([UInt8]), file(AnswerFile, count: Int) }
