import TOMLKit

/// Reads typed values out of a parsed file and names the line of what is wrong.
struct ConfigurationReader {
    let text: String
    let file: String
    let table: TOMLTable

    /// One of the tables of a list, such as the third `[[dunning.level]]`, from 0.
    struct Entry {
        let list: String
        let at: Int
    }

    /// - Parameters:
    ///   - section: In which the key stands, such as `cash.weights`; empty for those before the first one.
    ///   - entry: The table in which it stands.
    func fault(_ key: String, _ message: String, of section: String = "", in entry: Entry? = nil) -> Failure {
        Failure("\(file), line \(line(of: key, section, entry)): \(key): \(message)")
    }

    private func line(of key: String, _ section: String, _ entry: Entry?) -> Int {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func first(_ word: String, from start: Int) -> Int? {
            lines[start...].firstIndex { line in
                let words = line.drop { $0 == " " || $0 == "\t" || $0 == "[" || $0 == "\"" }
                return words.hasPrefix(word) && !(words.dropFirst(word.count).first.map { $0.isLetter || $0 == "_" } ?? false)
            }
        }
        let header = entry.map { "[[\($0.list)]]" } ?? "[\(section)]"
        let headers = lines.indices.filter { lines[$0].filter { $0 != " " }.hasPrefix(header) }, at = entry?.at ?? 0
        // Below its section, else written with its section's name, else wherever the word is.
        let below = at < headers.count ? first(key, from: headers[at]) : nil
        return (below ?? first(section.isEmpty ? key : "\(section).\(key)", from: 0) ?? first(key, from: 0) ?? 0) + 1
    }

    func section(_ name: String) throws -> TOMLTable? {
        if name.isEmpty { return table }
        var section = table, path: [String] = []
        for part in name.split(separator: ".").map(String.init) {
            guard section.contains(key: part) else { return nil }
            guard let next = section[part]?.table else {
                throw fault(part, "is a section: write [\(name)]", of: path.joined(separator: "."))
            }
            (section, path) = (next, path + [part])
        }
        return section
    }

    func allow(_ name: String, _ keys: Set<String>) throws {
        guard let section = try section(name) else { return }
        if let stranger = section.keys.first(where: { !keys.contains($0) }) {
            let place = name.isEmpty ? "" : " of [\(name)]"
            throw fault(stranger, "is not a setting\(place); known: \(keys.sorted().joined(separator: ", "))", of: name)
        }
    }

    func text(_ name: String, _ key: String) throws -> String? {
        guard let section = try section(name), section.contains(key: key) else { return nil }
        guard let value = section[key]?.string else { throw fault(key, "write a text in quotes", of: name) }
        return value
    }

    func flag(_ name: String, _ key: String) throws -> Bool? {
        guard let section = try section(name), section.contains(key: key) else { return nil }
        guard let value = section[key]?.bool else { throw fault(key, "write true or false", of: name) }
        return value
    }

    func integer(_ name: String, _ key: String, _ bounds: ClosedRange<Int64>) throws -> Int64? {
        guard let section = try section(name), section.contains(key: key) else { return nil }
        return try integer(section, key, bounds, of: name)
    }

    func integer(
        _ table: TOMLTable, _ key: String, _ bounds: ClosedRange<Int64>, of section: String = "", in entry: Entry? = nil
    ) throws -> Int64 {
        guard let value = table[key]?.int.map(Int64.init), bounds.contains(value) else {
            throw fault(key, "write a whole number from \(bounds.lowerBound) to \(bounds.upperBound)", of: section, in: entry)
        }
        return value
    }

    /// `"05:00"` in minutes after midnight.
    func minute(_ name: String, _ key: String) throws -> Int64? {
        guard let text = try text(name, key) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0.count == 2 ? Int64($0) ?? -1 : -1 }
        guard parts.count == 2, (0...23).contains(parts[0]), (0...59).contains(parts[1]) else {
            throw fault(key, "write a time of day such as \"05:00\"", of: name)
        }
        return parts[0] * 60 + parts[1]
    }
}
