import Domain
import Formats
import Operations

/// A report as programs read it: JSON, JSON lines and CSV, of the API and of the command line alike.
extension ReportTable {
    /// `title`, `columns` with name, label and kind, `rows` and `totals` as objects by column name, `notes`.
    package var json: JSON {
        let columns = columns.map { column -> JSON in
            ["name": .text(column.name), "label": .text(column.label), "kind": .text(column.kind.rawValue)]
        }
        let sums = totals.map { row -> JSON in
            // The first cell says what the sum is of: it is no value of its column.
            guard case .text(let label)? = row.first else { return .object([.init("label", .null)] + members(row)) }
            return .object([.init("label", .text(label))] + members([.none] + row.dropFirst()))
        }
        return [
            "title": .text(title), "columns": .array(columns), "rows": .array(rows.map { .object(members($0)) }), "totals": .array(sums),
            "notes": .array(notes.map(JSON.text)),
        ]
    }

    /// The rows in the words of people, amounts in major units, below the columns' labels.
    package var csvLines: [String] {
        ([columns.map(\.label)] + rows.map { $0.map(\.plain) }).map { row in
            row.map { DecimalNumber($0) == nil ? csvText($0) : $0 }.joined(separator: ",")
        }
    }

    private func members(_ row: [Cell]) -> [JSON.Member] { zip(columns, row).map { JSON.Member($0.name, $0.value($1)) } }

    /// The bytes of the rows alone; of JSON the whole.
    func bytes(_ format: AnswerFormat) -> [UInt8] {
        switch format {
        case .json: json.bytes
        case .csv: Array(csvLines.map { $0 + "\r\n" }.joined().utf8)
        case .lines: rows.flatMap { JSON.object(members($0)).bytes + [UInt8(ascii: "\n")] }
        }
    }

    /// - Parameter beginning: Of the names of columns of money that there are besides, as they are asked for.
    static func schema(_ columns: [Column], beginning: [String] = []) -> Schema {
        let cells = columns.map { Schema.Field($0.name, .optional($0.schema)) }
        func row(_ fields: [Schema.Field]) -> Schema {
            beginning.isEmpty ? .object(fields) : .columns(fields, others: .optional(.money), beginning: beginning)
        }
        let column = Schema.object([
            .init("name", .text()), .init("label", .text()), .init("kind", .choice(Column.Kind.allCases.map(\.rawValue))),
        ])
        return .object([
            .init("title", .text(max: 1000)), .init("columns", .array(column, max: 100)),
            .init("rows", .array(row(cells), max: 1_000_000)),
            // One a currency, and of a statement of account each part that stands apart.
            .init("totals", .array(row([.init("label", .optional(.text()))] + cells), max: 100_000)),
            .init("notes", .array(.text(max: 2000), max: 100)),
        ])
    }
}

extension ReportTable.Column {
    fileprivate var schema: Schema {
        switch kind {
        case .text: .text(max: 2000)
        case .day: .day
        case .integer: .integer(-1_000_000_000...1_000_000_000)
        case .money: .money
        case .figure: .figure
        }
    }

    /// - Returns: null for an empty cell, and for words where a value of the column's kind would stand.
    fileprivate func value(_ cell: ReportTable.Cell) -> JSON {
        switch cell {
        case .text(let text): text.isEmpty || kind != .text ? .null : .text(text)
        case .integer(let value): .integer(Int64(value))
        case .money(let money): JSON(money)
        case .day(let day): JSON(day)
        case .decimal(let value, let decimals): .text(DecimalNumber(units: value, scale: decimals).text)
        case .none: .null
        }
    }
}

extension ReportTable.Cell {
    /// Without grouping, for programs and spreadsheets.
    package var plain: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .money(let money): money.decimal
        case .day(let day): day.iso8601
        case .decimal(let value, let decimals): DecimalNumber(units: value, scale: decimals).text
        case .none: ""
        }
    }
}
