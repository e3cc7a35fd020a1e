import Domain
import Store

/// What holds across legal entities is decided by one at a time: a mail address has one account, and each has an administrator.
enum Accounts {
    /// Taken behind the books, by whoever takes both. Who takes several books takes the home's first: should two wait in a circle for each
    /// other's, the database lets one go, and that one runs again.
    static func lock(in tx: any Transaction) throws {
        let first: ID<Entity>? = try tx.first("SELECT min(entity_id) FROM entity") { $0.id(0) }
        try tx.run("SELECT entity_id FROM entity WHERE entity_id = \(first) §locked")
    }
}

/// Who administers a legal entity: somebody always does.
struct Administrators {
    private let entity: ID<Entity>
    init(_ entity: ID<Entity>) { self.entity = entity }

    /// Whether it has one without this person, or this person is none; guests count while their account at home is open.
    func canSpare(_ person: Int64, in tx: any Transaction) throws -> Bool {
        let all = try tx.rows(
            """
            SELECT id, home_entity_id, home_person_id FROM person
             WHERE entity_id = \(entity) AND role = 'administrator' AND disabled = 0
            """
        ) { row -> (person: Int64, home: Home?) in
            (row.integer(0), row.isNull(1) ? nil : Home(row.id(1), row.integer(2)))
        }
        guard all.contains(where: { $0.person == person }) else { return true }
        return try all.contains { try $0.person != person && ($0.home?.isOpen(in: tx) ?? true) }
    }
}

/// By which the audit log and approvals tell people apart.
package struct PersonName: Sendable {
    private let name: String
    package init(_ name: String) { self.name = name }

    /// Whether it is written as programs and commands are.
    package var isReserved: Bool { ["key ", "command line"].contains { Self.likeness(name).hasPrefix($0) } }

    func isTaken(in entity: ID<Entity>, _ tx: any Transaction) throws -> Bool {
        let likeness = Self.likeness(name)
        return try tx.rows("SELECT name FROM person WHERE entity_id = \(entity)") { Self.likeness($0.text(0)) }.contains(likeness)
    }

    /// Case, blanks and what nobody sees aside.
    private static func likeness(_ name: String) -> String {
        var seen = String.UnicodeScalarView()
        for scalar in name.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint { seen.append(scalar) }
        return String(seen).lowercased().split { $0.isWhitespace }.joined(separator: " ")
    }
}
