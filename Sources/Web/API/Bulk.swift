import Domain
import Formats

/// A request's items as a file: CSV with a header row, or JSON lines, one item a line. Each item is answered for itself, with its line.
package struct Bulk: Sendable {
    /// In one file.
    package static let rowLimit = 2_000
    /// `text/csv`, `application/x-ndjson`.
    package static let types = ["text/csv", "application/x-ndjson"]

    /// The member of the request's and the answer's JSON that holds the items.
    let member: String
    /// What an item looks like in JSON.
    let item: Schema
    /// Members that say which item it is.
    let identity: [String]
    /// Whether an item that comes again in one file is refused.
    var comesOnce = false
    /// The items of a CSV file, in its order.
    ///
    /// - Errors: `FileFault`.
    let csv: @Sendable (_ path: String) throws -> [Line]
    /// The columns of a CSV file, for the document.
    let columns: String

    /// One line: an item, or why there is none.
    struct Line: Sendable {
        /// 1-based line on which it begins.
        let line: Int
        /// As far as it could be read.
        let item: JSON
        var fault: (field: String?, message: String)?
    }

    struct TooManyRows: Error {}

    /// - Parameter file: Where the bytes of a CSV file lie.
    /// - Errors: `TooManyRows`; `FileFault` where nothing can be read.
    func lines(_ bytes: [UInt8], type: String, file: String) throws -> [Line] {
        var lines: [Line] = []
        if type == Self.types[0] {
            guard !bytes.starts(with: [0x1F, 0x8B]) else { throw FileFault(path: file, "is packed: send it plain") }
            var count = 0
            try readCSV(file) { _ in
                count += 1
                if count > Self.rowLimit + 1 { throw TooManyRows() }
            }
            lines = try csv(file)
        } else {
            lines = try objects(bytes)
        }
        guard !lines.isEmpty else { throw FileFault(path: file, "holds no item") }
        var first: [[String]: Int] = [:]
        return lines.map { line in
            guard line.fault == nil else { return line }
            if let fault = item.fault(line.item, at: "") {
                return Line(
                    line: line.line, item: line.item, fault: (fault.path == "body" ? nil : fault.path, "\(fault.path): \(fault.message)"))
            }
            let names = identity.map { line.item[$0]?.text ?? "" }
            guard comesOnce, let earlier = first.updateValue(line.line, forKey: names) else { return line }
            let field = identity[0]
            return Line(
                line: line.line, item: line.item,
                fault: (field, "\(field): \(names[0]) stands on line \(earlier) already: write it once"))
        }
    }

    private func objects(_ bytes: [UInt8]) throws -> [Line] {
        var lines: [Line] = []
        for (at, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !text.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) {
            guard lines.count < Self.rowLimit else { throw TooManyRows() }
            switch Result(catching: { () throws(JSONReader.Fault) in try JSONReader.read(Array(text)) }) {
            case .success(let value): lines.append(Line(line: at + 1, item: value))
            case .failure(let fault): lines.append(Line(line: at + 1, item: .null, fault: (nil, "no JSON: \(fault.message)")))
            }
        }
        return lines
    }

    /// The request's JSON with what could be read.
    func body(_ lines: [Line]) -> JSON { .object([.init(member, .array(lines.filter { $0.fault == nil }.map(\.item)))]) }

    /// The answer to what could be read, with every line in its place.
    func told(_ answer: JSON, _ lines: [Line]) -> JSON {
        var rest = (answer[member]?.array ?? [])[...]
        let told = lines.compactMap { line -> JSON? in
            let place = JSON.Member("line", .integer(Int64(line.line)))
            guard let fault = line.fault else {
                guard case .object(let members)? = rest.popFirst() else { return nil }
                return .object(members + [place])
            }
            let named = identity.map { JSON.Member($0, .text(shown(line.item[$0]?.text ?? "", 200))) }
            let field = fault.field.map { [JSON.Member("field", .text(shown($0, 200)))] } ?? []
            let refused: [JSON.Member] = [
                .init("outcome", "refused"), .init("id", .null), .init("reason", .text(shown(fault.message, 1_000))),
            ]
            return .object(named + refused + field + [place])
        }
        return .object([.init(member, .array(told))])
    }

    /// Without control characters, and not longer than an answer's text.
    private func shown(_ text: String, _ limit: Int) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(limit) where scalar.value >= 0x20 && scalar.value != 0x7F { shown.append(scalar) }
        return String(shown)
    }

    /// What each item's answer says besides, where it was refused or came as a line.
    static let fields = [
        Schema.Field("line", .integer(1...Int64(Int32.max)), required: false), Schema.Field("field", .text(), required: false),
    ]
}

extension Endpoint {
    func taking(_ bulk: Bulk) -> Endpoint {
        var endpoint = self
        endpoint.bulk = bulk
        return endpoint
    }

    /// The same for items that came as lines.
    func answering(_ lines: [Bulk.Line], of bulk: Bulk) -> Endpoint {
        var endpoint = self
        switch effect {
        case .write(let write):
            endpoint.effect = .write { asked, tx, now in bulk.told(try write(asked, tx, now), lines) }
        case .orders(let read, let told):
            endpoint.effect = .orders(read) { asked, outcomes in bulk.told(told(asked, outcomes), lines) }
        case .read, .report, .change, .run: preconditionFailure("items are written in one transaction")
        }
        return endpoint
    }
}
