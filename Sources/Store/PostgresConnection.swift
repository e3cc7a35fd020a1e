import CLibPQ
import Domain
import Glibc

/// One connection; used by one thread at a time.
final class PostgresConnection {
    /// Statements kept prepared; beyond it the connection forgets them all and starts again.
    private static let statementLimit = 500

    private let connection: OpaquePointer
    private var prepared: [String: String] = [:]

    init(url: String) throws {
        connection = PQconnectdb(url)
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(connection))
            PQfinish(connection)
            throw DatabaseFault(code: "08001", message: message, statement: "connect")
        }
        _ = try execute("SET statement_timeout = '600s'")
        _ = try execute("SET client_min_messages = warning")
    }

    deinit { PQfinish(connection) }

    var isAlive: Bool { PQstatus(connection) == CONNECTION_OK }

    /// Runs a statement without parameters, such as BEGIN.
    func execute(_ text: String) throws { PQclear(try checked(PQexec(connection, text), text)) }

    /// The result belongs to the caller, who clears it.
    func query(_ text: String, _ values: [String?]) throws -> OpaquePointer {
        let name = try prepare(text)
        let copies = values.map { $0.map { strdup($0) } }
        defer { for copy in copies { free(copy ?? nil) } }
        let pointers = copies.map { $0.flatMap { UnsafePointer<CChar>($0) } }
        return try checked(PQexecPrepared(connection, name, Int32(values.count), pointers, nil, nil, 0), text)
    }

    private func prepare(_ text: String) throws -> String {
        if let name = prepared[text] { return name }
        if prepared.count >= Self.statementLimit {
            try execute("DEALLOCATE ALL")
            prepared.removeAll()
        }
        let name = "s\(prepared.count)"
        PQclear(try checked(PQprepare(connection, name, text, 0, nil), text))
        prepared[text] = name
        return name
    }

    private func checked(_ result: OpaquePointer?, _ text: String) throws -> OpaquePointer {
        let status = PQresultStatus(result)
        if let result, status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK { return result }
        let code = PQresultErrorField(result, 67 /* PG_DIAG_SQLSTATE, 'C' */).map { String(cString: $0) } ?? "08006"
        let fault = DatabaseFault(code: code, message: String(cString: PQerrorMessage(connection)), statement: text)
        PQclear(result)
        throw fault
    }
}
