/// The names of a CSV file's columns: blanks around a name and upper or lower case do not matter.
package struct CSVHeader: Sendable {
    package let path: String
    package let line: Int
    package let names: [String]

    package init(_ record: CSVRecord, path: String) {
        (self.path, line, names) = (path, record.line, record.fields.map(\.trimmed))
    }

    /// - Returns: the first column of that name, counted from 0; nil when there is none.
    package func index(of name: String) -> Int? {
        let wanted = name.lowercased()
        return names.firstIndex { $0.lowercased() == wanted }
    }

    /// - Errors: `FileFault` naming every missing column and the columns found, or one that is named twice: which of them counts is not known.
    package func indices(of wanted: [String]) throws(FileFault) -> [Int] {
        var seen: Set<String> = []
        if let twice = names.first(where: { !$0.isEmpty && !seen.insert($0.lowercased()).inserted }) {
            throw FileFault(path: path, line: line, "column \(twice) is named twice: name each column once")
        }
        let found = wanted.map { index(of: $0) }
        let missing = zip(wanted, found).filter { $0.1 == nil }.map(\.0)
        guard missing.isEmpty else {
            let absent = missing.joined(separator: ", "), present = names.joined(separator: ", ")
            throw FileFault(path: path, line: line, "missing column\(missing.count == 1 ? "" : "s") \(absent); found: \(present)")
        }
        return found.compactMap { $0 }
    }
}
