/// A form with files, as browsers send it, read as it comes: a value is handed on once it is whole, a file piece by piece.
///
/// - Shape: parts between `--boundary` lines, each with a name and, for a file, its own name; the last delimiter ends in `--`.
/// - Bounds: `partLimit` parts, each with a head of 8 kB; values of 1 MB in all.
/// - Errors: nil for anything else; a form that was cut off never becomes `isWhole`.
/// - Source: RFC 7578, RFC 2046 section 5.1.
package struct MultipartForm: Sendable {
    package enum Piece: Equatable, Sendable {
        case value(name: String, String)
        /// A file begins, by the name it has on the sender's machine; its bytes follow.
        case file(field: String, name: String)
        case bytes([UInt8])
    }

    private enum State {
        case start, delimited, head, ended
        /// Until its first byte has come, the line break that ended the head stands before it: the delimiter may share it.
        case content(isBegun: Bool)
    }

    package static let partLimit = 200
    private static let headLimit = 8 << 10, valueLimit = 1 << 20
    private let delimiter, separator: [UInt8]
    private var state = State.start
    private var rest: [UInt8] = []
    private var count = 0, valueCount = 0
    /// Of the part being read; nil in a file.
    private var name: String?
    private var value: [UInt8] = []

    /// - Parameter contentType: `multipart/form-data; boundary=…`.
    package init?(contentType: String) {
        guard let boundary = Self.parameter("boundary", in: contentType), !boundary.isEmpty, boundary.utf8.count <= 70 else { return nil }
        delimiter = Array("--\(boundary)".utf8)
        separator = [13, 10] + delimiter
    }

    package var isWhole: Bool { if case .ended = state { true } else { false } }

    /// - Returns: What these bytes complete, in order; nil when they are no such form.
    package mutating func take(_ bytes: some Collection<UInt8>) -> [Piece]? {
        rest.append(contentsOf: bytes)
        var pieces: [Piece] = [], at = 0
        defer { rest.removeFirst(at) }
        while true {
            switch state {
            case .start:
                guard rest.count - at >= delimiter.count else { return pieces }
                guard rest[at...].starts(with: delimiter) else { return nil }
                (state, at) = (.delimited, at + delimiter.count)
            case .delimited:
                // After a delimiter: `--` ends the form, a line break begins a part.
                guard rest.count - at >= 2 else { return pieces }
                if rest[at] == 45, rest[at + 1] == 45 {
                    state = .ended
                } else {
                    guard rest[at] == 13, rest[at + 1] == 10, count < Self.partLimit else { return nil }
                    (state, count) = (.head, count + 1)
                }
            case .head:
                guard let end = find([13, 10, 13, 10], from: at) else { return rest.count - at <= Self.headLimit ? pieces : nil }
                guard end > at, end - at <= Self.headLimit, begin(String(decoding: rest[(at + 2)..<end], as: UTF8.self), &pieces) else {
                    return nil
                }
                (state, at) = (.content(isBegun: false), end + 2)
            case .content(let isBegun):
                let start = isBegun ? at : at + 2, end = find(separator, from: at)
                // What may be the beginning of a delimiter waits.
                let known = end ?? rest.count - separator.count + 1
                guard end != nil || known > start else { return pieces }
                guard add(rest[min(start, known)..<known], isLast: end != nil, &pieces) else { return nil }
                (state, at) = end.map { (.delimited, $0 + separator.count) } ?? (.content(isBegun: true), known)
            case .ended:
                at = rest.count
                return pieces
            }
        }
    }

    private mutating func begin(_ head: String, _ pieces: inout [Piece]) -> Bool {
        let lines = head.split(separator: "\r\n")
        guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = Self.parameter("name", in: disposition)
        else { return false }
        let file = Self.parameter("filename", in: disposition)
        (self.name, value) = (file == nil ? name : nil, [])
        if let file { pieces.append(.file(field: name, name: file)) }
        return true
    }

    private mutating func add(_ content: ArraySlice<UInt8>, isLast: Bool, _ pieces: inout [Piece]) -> Bool {
        guard let name else {
            if !content.isEmpty { pieces.append(.bytes(Array(content))) }
            return true
        }
        valueCount += content.count
        guard valueCount <= Self.valueLimit else { return false }
        value += content
        if isLast { pieces.append(.value(name: name, String(decoding: value.map { max($0, 1) }, as: UTF8.self))) }
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

    private func find(_ wanted: [UInt8], from start: Int) -> Int? {
        var at = start
        let last = rest.count - wanted.count
        while at <= last {
            if rest[at] == wanted[0], rest[at..<(at + wanted.count)].elementsEqual(wanted) { return at }
            at += 1
        }
        return nil
    }
}
