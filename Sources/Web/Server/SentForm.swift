import Crypto
import Domain
import Foundation
import Operations

/// A file that comes in: on disk from its first byte on, where only this program's user may read it.
struct IncomingFile {
    let file: UploadedFile
    private let handle: FileHandle

    /// - Parameter name: As the sender calls it.
    /// - Errors: `FormRefusal.noRoom`.
    init(_ name: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "florin-upload-\(Secret.token(""))").path(percentEncoded: false)
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw FormRefusal.noRoom(name) }
        (file, self.handle) = (UploadedFile(name: name, path: path), handle)
    }

    /// - Errors: `FormRefusal.noRoom`.
    func append(_ bytes: [UInt8]) throws {
        do { try handle.write(contentsOf: Data(bytes)) } catch { throw FormRefusal.noRoom(file.name) }
    }

    func remove() { file.remove() }
}

/// What a form sent: its fields, and the file that came with it.
struct SentForm {
    /// It is no form, or does not carry the session's token where it must.
    struct Refused: Error {}

    private(set) var fields: [(name: String, value: String)]
    private(set) var file: IncomingFile?
    private var fileNames: [String] = []
    private var hash = SHA256()
    /// SHA-256 of the file; nil where none came.
    var fileDigest: String? { file.map { _ in hexadecimal(hash.finalize()) } }
    init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// Takes the next piece of a form with a file; the form begins with the token, so that nothing of a stranger's is kept.
    ///
    /// - Parameter keepsFile: False drops files. The first one is kept, unless it is empty as where none was picked.
    mutating func take(_ piece: MultipartForm.Piece, csrf: String, keepsFile: Bool) throws {
        if fields.isEmpty {
            guard piece == .value(name: "csrf", csrf) else { throw Refused() }
        }
        switch piece {
        case .value(let name, let value): fields.append((name, value))
        case .file(_, let name): fileNames.append(name)
        case .bytes(let bytes):
            guard keepsFile, fileNames.count == 1 else { return }
            if file == nil { file = try IncomingFile(fileNames[0]) }
            hash.update(data: bytes)
            try file?.append(bytes)
        }
    }

    /// False of a form without any part, which nothing was asked of.
    var hasToken: Bool { !fields.isEmpty }

    func remove() { file?.remove() }
}
