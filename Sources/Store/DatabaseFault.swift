import GRDB

/// What a database said when it refused a statement.
package struct DatabaseFault: Error, CustomStringConvertible {
    /// SQLSTATE on PostgreSQL; `sqlite:` and the extended result code on SQLite; `florin:` and a word for our own.
    package let code: String
    package let message: String
    package let statement: String
    package init(code: String, message: String, statement: String) {
        (self.code, self.message, self.statement) = (code, message, statement)
    }
    package var description: String { "database error \(code): \(message) (in: \(statement.prefix(200)))" }

    /// SQLite could not bring its log to the disk: `SQLITE_IOERR_FSYNC`.
    var isUnsynced: Bool { code == "sqlite:1034" }

    /// Whether the same may be asked again later: the database is away, has no room, or is held by another.
    package var isPassing: Bool {
        guard code.hasPrefix("sqlite:") else { return ["08", "53", "57P0"].contains { code.hasPrefix($0) } }
        return Int32(code.dropFirst("sqlite:".count)).map { [5, 10, 13].contains($0 & 0xFF) } ?? false
    }

    /// Whether a unique index refused a row: unique_violation, `SQLITE_CONSTRAINT_PRIMARYKEY`, `SQLITE_CONSTRAINT_UNIQUE`.
    var isDuplicate: Bool { ["23505", "sqlite:1555", "sqlite:2067"].contains(code) }

    /// Whether a newer program brought the books on: this one writes them no more.
    package var isNewer: Bool { code == "florin:newer" }

    static func older(_ version: Int64, _ advice: String) -> DatabaseFault {
        DatabaseFault(
            code: "florin:older",
            message: "the database has schema version \(version), this program \(migrations.last!.version): \(advice)", statement: "")
    }

    static func newer(_ version: Int64) -> DatabaseFault {
        DatabaseFault(
            code: "florin:newer",
            message: "the database has schema version \(version), this program knows \(migrations.last!.version): update florin",
            statement: "")
    }
}

extension DatabaseFault {
    /// What a person can do about it; nil for a fault of the program.
    package var advice: String? {
        if code.hasPrefix("florin:") { return message }
        if code.hasPrefix("sqlite:") { return sqliteAdvice }
        switch code {
        case "53100":
            return "the disk of PostgreSQL is full: what is not reported as done was not recorded; make room and repeat the command"
        case "53300": return "PostgreSQL has no connection left: raise max_connections or end other programs"
        case "08001", "08006", "57P01": return "PostgreSQL cannot be reached: \(message.split(separator: "\n").first ?? "")"
        case "42501": return "PostgreSQL does not let this user do it: \(message.split(separator: "\n").first ?? "")"
        default: return nil
        }
    }

    private var sqliteAdvice: String? {
        let repeatable = "what is not reported as done was not recorded; put it right and repeat the command"
        guard let result = Int32(code.dropFirst("sqlite:".count)) else { return nil }
        switch result & 0xFF {
        case 5: return "another program keeps the database locked: end it and repeat the command"
        case 8: return "the database may only be read (\(message)): \(repeatable)"
        case 10: return "the disk did not take or give the data (\(message)), as when a quota is reached: \(repeatable)"
        case 11: return "the database file is damaged (\(message)): restore the last backup"
        case 13: return "the disk is full (\(message)): \(repeatable)"
        case 14: return "the database cannot be opened (\(message)): see that its folder exists and may be written"
        case 26: return "this is no database (\(message)): name a new file or one that florin made"
        default: return nil
        }
    }
}

/// GRDB's own errors in our words.
func faulted<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as GRDB.DatabaseError {
        throw DatabaseFault(
            code: "sqlite:\(error.extendedResultCode.rawValue)", message: "\(path): \(error.message ?? "")", statement: "open")
    }
}
