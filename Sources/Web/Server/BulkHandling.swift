import Crypto
import Domain
import Formats
import Operations

/// Why nothing of a file of items could be taken.
private struct BulkRefusal: Refusal {
    let fault: FileFault
    var category: RefusalCategory { .invalid }
    var code: String { "file_unreadable" }
    var message: String { "the body\(fault.line.map { ", line \($0)" } ?? ""): \(fault.message)" }
}

extension FlorinResponder {
    /// Items that come as lines of a file: what can be read goes the way of a request in JSON, the rest is refused line by line.
    ///
    /// - Returns: The lines, and the digest of the bytes as they came, with their type; nil when there are more than `Bulk.rowLimit`.
    func lines(of bulk: Bulk, _ bytes: [UInt8], type: String) throws -> (lines: [Bulk.Line], digest: String)? {
        var sum = SHA256()
        sum.update(data: Array("\(type)\n".utf8))
        sum.update(data: bytes)
        let incoming = try IncomingFile("the body")
        defer { incoming.remove() }
        try incoming.append(bytes)
        do {
            return (try bulk.lines(bytes, type: type, file: incoming.file.path), hexadecimal(sum.finalize()))
        } catch is Bulk.TooManyRows {
            return nil
        } catch let fault as FileFault {
            throw BulkRefusal(fault: fault)
        }
    }
}
