import CLibArchive
import Glibc

/// The files that a path stands for: itself, or those in a ZIP archive, as `archive.zip/member.xml`, which `InputFile` opens.
///
/// - Errors: an archive that is damaged, empty, gzipped, of more than 10,000 files or more than `UnpackedBound.stream` in all, an Office
///   document.
package func inputPaths(_ path: String) throws(FileFault) -> [String] {
    let head = try head(of: path)
    guard head != endOfFiles else { throw FileFault(path: path, "is an archive without files") }
    guard head == [0x50, 0x4B, 3, 4] else { return [path] }
    let archive = try Archive(path: path)
    var members: [String] = [], known: Set<String> = []
    while let member = try archive.next() {
        guard let name = member.split(separator: "/").last else { throw FileFault(path: path, "holds a file without a name: unpack it") }
        guard !member.hasPrefix("__MACOSX/"), !member.hasSuffix("/"), !name.hasPrefix(".") else { continue }
        guard known.insert(member).inserted else { throw FileFault(path: path, "holds two files named \(member): unpack it") }
        members.append("\(path)/\(member)")
        guard members.count <= 10_000 else { throw FileFault(path: path, "holds more than 10,000 files: send fewer at a time") }
    }
    // What OpenDocument has beside its contents, signed containers have too.
    let isOfOffice = known.contains("[Content_Types].xml") || known.isSuperset(of: ["META-INF/manifest.xml", "content.xml"])
    guard !isOfOffice else { throw FileFault(path: path, "is an Office document: save it as CSV") }
    guard !members.isEmpty else { throw FileFault(path: path, "is an archive without files") }
    return members
}

/// What stands behind the files of a ZIP archive, and at the beginning of an empty one.
private let endOfFiles: [UInt8] = [0x50, 0x4B, 5, 6]

/// The first four bytes; of a shorter file zeros stand in for the rest.
private func head(of path: String) throws(FileFault) -> [UInt8] {
    let file = try InputFile(path: path)
    var head: [UInt8] = [0, 0, 0, 0], fault: FileFault?
    head.withUnsafeMutableBytes { buffer in
        do throws(FileFault) { _ = try file.read(into: buffer) } catch { fault = error }
    }
    if let fault { throw fault }
    return head
}

/// A ZIP archive, read from member to member by the list of files at its end: without it each would have to be unpacked to be passed over.
final class Archive {
    private let path: String
    private let descriptor: Int32
    private let handle: OpaquePointer
    /// Bytes of the archive itself.
    let packed: Int
    private var isLocked = false
    /// What the archive says that the members so far unpack to.
    private var unpacked = 0
    /// What may still come out of this member.
    private var left = 0

    private static let blockSize = 64 * 1024
    /// libarchive names no file beyond ASCII in the locale that a program starts with.
    private static let readsNames = setlocale(LC_CTYPE, "C.UTF-8") != nil

    init(path: String) throws(FileFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault(path: path, "cannot be opened: \(reason(errno))") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, let handle = archive_read_new() else {
            let cause = reason(errno)
            close(descriptor)
            throw FileFault(path: path, "cannot be read: \(cause)")
        }
        (self.path, self.descriptor, self.handle, packed) = (path, descriptor, handle, Int(facts.st_size))
        var head: [UInt8] = [0, 0]
        guard pread(descriptor, &head, 2, 0) != 2 || head != [0x1F, 0x8B] else {
            throw FileFault(path: path, "is a ZIP archive within a gzip file: unpack the gzip file")
        }
        guard Self.readsNames else { throw FileFault(path: path, "cannot be read: the system has no locale C.UTF-8") }
        archive_read_support_format_zip_seekable(handle)
        guard archive_read_open_fd(handle, descriptor, Self.blockSize) == ARCHIVE_OK else { throw damaged() }
    }

    deinit {
        archive_read_free(handle)
        close(descriptor)
    }

    /// Goes on to the next member.
    ///
    /// - Returns: Its name, with a slash behind that of a folder; nil behind the last.
    /// - Errors: a damaged archive; one whose members so far unpack to more than `UnpackedBound.stream`.
    func next() throws(FileFault) -> String? {
        var entry: OpaquePointer?
        let result = archive_read_next_header(handle, &entry)
        if result == ARCHIVE_EOF { return nil }
        guard result >= ARCHIVE_WARN, let entry else { throw damaged() }
        isLocked = archive_entry_is_encrypted(entry) != 0
        left = max(0, Int(archive_entry_size(entry)))
        unpacked += min(left, Int.max - unpacked)
        try UnpackedBound.stream.check(unpacked, of: packed, path)
        guard let name = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else {
            throw FileFault(path: path, "holds a file without a name: unpack it")
        }
        return String(validatingCString: name) ?? inCodePage437(UnsafeBufferPointer(start: name, count: strlen(name)))
    }

    /// Fills `buffer` from the member; fewer bytes only at its end, then 0.
    ///
    /// - Parameter member: The member's path, for errors.
    func read(into buffer: UnsafeMutableRawBufferPointer, _ member: String) throws(FileFault) -> Int {
        guard !isLocked else { throw FileFault(path: member, "is locked with a password: unpack the archive") }
        var count = 0
        while count < buffer.count {
            let more = archive_read_data(handle, buffer.baseAddress! + count, buffer.count - count)
            guard more >= 0 else { throw damaged(member) }
            if more == 0 { break }
            count += more
        }
        left -= count
        guard left >= 0 else { throw FileFault(path: member, "unpacks to more than its archive says: fetch it again") }
        return count
    }

    /// - Parameter member: What cannot be read; nil is the archive.
    private func damaged(_ member: String? = nil) -> FileFault {
        let text = archive_error_string(handle).map { String(cString: $0) } ?? ""
        if text.hasPrefix("Unsupported ZIP compression method") {
            return FileFault(path: member ?? path, "is packed in a way that is not read (\(text)): unpack the archive")
        }
        return FileFault(path: member ?? path, "the archive is damaged\(text.isEmpty ? "" : ": " + text): fetch it again")
    }
}

/// What names are in that do not say that they are UTF-8 and are not: the code page of ZIP.
private func inCodePage437(_ name: UnsafeBufferPointer<CChar>) -> String {
    String(
        String.UnicodeScalarView(
            name.map { byte in byte < 0 ? beyondASCII[Int(UInt8(bitPattern: byte)) - 128] : Unicode.Scalar(UInt8(byte)) }))
}

private let beyondASCII = Array(
    """
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}
    """.unicodeScalars)
