/// A form with files, as browsers send it.
///
/// - Shape: parts between `--boundary` lines, each with a name and, for a file, its own name; the last delimiter ends in `--`.
/// - Errors: nil for anything that is not whole; a form without its end was cut off.
/// - Source: RFC 7578, RFC 2046 section 5.1.
package struct MultipartForm: Sendable {
    package struct File: Sendable {
        package let field: String
        package let name: String
        package let bytes: [UInt8]
    }
    package private(set) var values: [(name: String, value: String)] = []
    package private(set) var files: [File] = []
    package static let partLimit = 200

    /// - Parameter contentType: `multipart/form-data; boundary=…`.
    package init?(_ body: [UInt8], contentType: String) {
        guard let boundary = Self.parameter("boundary", in: contentType), !boundary.isEmpty, boundary.utf8.count <= 70 else { return nil }
        let delimiter = Array("--\(boundary)".utf8), separator = [13, 10] + delimiter
        guard body.starts(with: delimiter) else { return nil }
        var at = delimiter.count, count = 0
        while true {
            // After a delimiter: `--` ends the form, a line break begins a part.
            guard at + 2 <= body.count else { return nil }
            if body[at] == 45, body[at + 1] == 45 { return }
            guard body[at] == 13, body[at + 1] == 10, count < Self.partLimit else { return nil }
            guard let head = Self.find([13, 10, 13, 10], in: body, from: at), let end = Self.find(separator, in: body, from: head + 2)
            else { return nil }
            guard take(String(decoding: body[(at + 2)..<max(at + 2, head)], as: UTF8.self), body[min(head + 4, end)..<end]) else {
                return nil
            }
            at = end + separator.count
            count += 1
        }
    }

    private mutating func take(_ head: String, _ content: ArraySlice<UInt8>) -> Bool {
        let lines = head.split(separator: "\r\n")
        guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = Self.parameter("name", in: disposition)
        else { return false }
        if let file = Self.parameter("filename", in: disposition) {
            files.append(File(field: name, name: file, bytes: Array(content)))
        } else {
            values.append((name, String(decoding: content, as: UTF8.self)))
        }
        return true
    }

    /// The value of `; name=…`, quoted or not; a semicolon inside quotes belongs to the value.
    private static func parameter(_ name: String, in text: some StringProtocol) -> String? {
        var isQuoted = false
        let parts = text.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == ";" && !isQuoted
        }
        for part in parts.dropFirst() {
            let pair = part.drop { $0 == " " }
            guard pair.lowercased().hasPrefix(name + "=") else { continue }
            let value = pair.dropFirst(name.count + 1)
            return value.first == "\"" ? String(value.dropFirst().prefix { $0 != "\"" }) : String(value.prefix { $0 != " " })
        }
        return nil
    }

    private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var at = start
        let last = bytes.count - wanted.count
        while at <= last {
            if bytes[at] == wanted[0], bytes[at..<(at + wanted.count)].elementsEqual(wanted) { return at }
            at += 1
        }
        return nil
    }
}
