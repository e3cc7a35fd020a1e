import Domain
import Formats
import TOMLKit

/// `[[bank.csv]]`.
extension ConfigurationReader {
    /// The mappings of banks' CSV files.
    func statementTables() throws -> [StatementTable] {
        guard let section = try section("bank"), section.contains(key: "csv") else { return [] }
        let shape = fault("csv", "write one [[bank.csv]] for each bank", of: "bank")
        guard let list = section["csv"]?.array, !list.isEmpty else { throw shape }
        return try list.enumerated().map { at, entry in
            guard let bank = entry.table else { throw shape }
            return try statementTable(bank, Entry(list: "bank.csv", at: at))
        }
    }

    private func statementTable(_ bank: TOMLTable, _ place: Entry) throws -> StatementTable {
        let known = ["account", "columns", "currency", "dates", "decimal", "pending"]
        if let stranger = bank.keys.first(where: { !known.contains($0) }) {
            throw fault(stranger, "is not a setting of [[bank.csv]]; known: \(known.joined(separator: ", "))", in: place)
        }
        func text(_ key: String) throws -> String? {
            guard bank.contains(key: key) else { return nil }
            guard let value = bank[key]?.string, !value.isEmpty else { throw fault(key, "write a text in quotes", in: place) }
            return value
        }
        var table = StatementTable(account: try text("account")?.filter { $0 != " " }, pending: try text("pending"), columns: [:])
        if let mark = try text("decimal") {
            guard mark == "," || mark == "." else { throw fault("decimal", "write \",\" or \".\"", in: place) }
            table.decimal = Character(mark)
        }
        if let dates = try text("dates") {
            guard let shape = RemittanceTable.DateShape(rawValue: dates) else {
                let shapes = RemittanceTable.DateShape.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                throw fault("dates", "write one of \(shapes)", in: place)
            }
            table.dates = shape
        }
        if let code = try text("currency") {
            guard let currency = Currency(code) else { throw fault("currency", "\(code) is not in ISO 4217", in: place) }
            table.currency = currency
        }
        for (key, value) in bank["columns"]?.table ?? TOMLTable() {
            guard let field = StatementTable.Field(rawValue: key) else {
                let fields = StatementTable.Field.allCases.map(\.rawValue).sorted().joined(separator: ", ")
                throw fault(key, "is not a field of a statement; known: \(fields)", in: place)
            }
            let names = value.string.map { [$0] } ?? value.array?.compactMap(\.string) ?? []
            guard !names.isEmpty, names.count == value.array?.count ?? 1, field == .text || names.count == 1 else {
                throw fault(key, "write a column's name in quotes\(field == .text ? ", or a list of names" : "")", in: place)
            }
            table.columns[field] = names
        }
        if let fault = table.fault { throw self.fault("bank.csv", fault, in: place) }
        return table
    }
}
