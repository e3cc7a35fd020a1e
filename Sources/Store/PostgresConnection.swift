import CLibPQ
import Domain
import Glibc

/// One connection in pipeline mode; used by one thread at a time.
///
/// Statements whose result nobody reads are sent ahead; their errors come with the next result that somebody waits for.
final class PostgresConnection {
    /// Statements kept prepared; beyond it the connection forgets them all and starts again.
    private static let statementLimit = 1_000
    /// Statements sent ahead before their results are collected, so that neither side's memory grows.
    private static let aheadLimit = 1_000

    /// So much is sent ahead before the server is given it, to begin while more is made; the first statement behind an answer at once, since
    /// the server sleeps by then, and waking takes as long as a statement.
    private static let flushBytes = 512

    private static let wakeful = Duration.microseconds(400)

    private enum Awaited {
        case statement(StatementText)
        /// A statement whose result somebody waits for.
        case answer(StatementText)
        /// The preparation of a text.
        case preparation(StatementText)
    }

    private let connection: OpaquePointer
    private var prepared: [StatementText: String] = [:]
    private var statementNumber = 0
    private var awaited: [Awaited] = []
    /// Whether many wait for what is asked: then they have the processor while the server works. Otherwise the thread stays awake for a while.
    var isForMany = false
    private var unflushed = PostgresConnection.flushBytes
    private var hasOwnersRights = true
    private var growth: [String: TableGrowth] = [:]

    /// What holds where the URL says nothing: a server that is silent for half a minute is taken for lost.
    private static let defaults = [
        ("connect_timeout", "10"), ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "30000"),
    ]

    init(url: String) throws {
        connection = try Self.opened(url)
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(connection)).replacing(url, with: shownLocation(url))
            throw DatabaseFault(code: "08001", message: message, statement: "connect")
        }
        guard PQenterPipelineMode(connection) == 1 else {
            throw DatabaseFault(code: "08001", message: "pipeline mode refused", statement: "connect")
        }
        try send("SET statement_timeout = '600s'")
        try send("SET client_min_messages = warning")
        // Pages come from memory or from disks without arms. Taken for dearer, a growing table is read in full for each list of numbers.
        try send("SET random_page_cost = 1.1")
        // Commits wait while grown tables are counted: a tenth of the usual sample tells how many rows there are.
        try send("SET default_statistics_target = 10")
        try collect()
    }

    deinit { PQfinish(connection) }

    /// - Errors: what libpq cannot read it repeats, and that may be a password: it is not told.
    private static func opened(_ url: String) throws -> OpaquePointer {
        let options = PQconninfoParse(url, nil)
        guard options != nil else {
            throw DatabaseFault(
                code: "florin:location",
                message: "\(shownLocation(url)): PostgreSQL cannot read this address; write signs of a password that are no letters or "
                    + "digits as %XX",
                statement: "connect")
        }
        PQconninfoFree(options)
        // Later ones win.
        let settings = defaults + [("dbname", url)]
        let words = settings.map { strdup($0.0) } + [nil], values = settings.map { strdup($0.1) } + [nil]
        defer { for text in words + values { free(text) } }
        return PQconnectdbParams(words.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
    }

    var isAlive: Bool { PQstatus(connection) == CONNECTION_OK }

    /// Takes the rights of the connection's own user, or those of `florin_app`; outside a transaction.
    func takeRights(ofOwner owner: Bool) throws {
        guard hasOwnersRights != owner else { return }
        try send(owner ? "RESET ROLE" : "SET ROLE florin_app")
        try collect()
        hasOwnersRights = owner
    }

    func inserted(_ rows: Int, into table: Table) { growth[table.name, default: TableGrowth()].rows += rows }

    /// Has the planner count the tables that grew much through this connection, and of which it knows less than half of that or not every
    /// legal entity; outside a transaction. The server counts by itself, but a minute late: until then it takes an entity for a handful of
    /// rows, and reads all of them for each list of numbers. A table that somebody has locked against it is left to the server.
    func countGrownTables() throws {
        let due = growth.filter { $0.value.isDue }.sorted { $0.key < $1.key }
        guard !due.isEmpty else { return }
        for (table, _) in due { growth[table]?.count() }
        let grown = try unknown(due.map(\.key), rows: due.map { Int64($0.value.rows) })
        guard !grown.isEmpty else { return }
        try takeRights(ofOwner: true)
        try send(StatementText(written: "ANALYZE (SKIP_LOCKED) \(grown.joined(separator: ", "))"), [])
        try collect()
    }

    /// Those of the tables of which the planner knows less than half of so many rows, or fewer legal entities than there are.
    private func unknown(_ tables: [String], rows: [Int64]) throws -> [String] {
        let question = SQL(
            text: """
                SELECT t.name FROM unnest($1::text[], $2::bigint[]) AS t (name, grown) JOIN pg_class c ON c.oid = to_regclass(t.name)
                 WHERE c.reltuples * 2 < t.grown
                    OR COALESCE((SELECT s.n_distinct FROM pg_stats s
                                  WHERE s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = t.name
                                    AND s.attname = 'entity_id'), 0) BETWEEN 0 AND (SELECT count(*) FROM book) - 1
                """, values: [.texts(tables), .integers(rows)])
        let result = try query([(question.statement, ParameterBytes(question.values))])[0]
        defer { PQclear(result) }
        return (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
    }

    /// Sends a statement without parameters that is not worth preparing, such as BEGIN.
    func send(_ text: StaticString) throws {
        let statement = StatementText([text], holes: 0)
        try accepted(PQsendQueryParams(connection, text.description, 0, nil, nil, nil, nil, 0), statement)
        awaited.append(.statement(statement))
    }

    /// Sends a statement ahead.
    func send(_ text: StatementText, _ parameters: ParameterBytes) throws {
        let name = try prepare(text)
        let status = parameters.withPointers { PQsendQueryPrepared(connection, name, $0, $1, $2, $3, 0) }
        try accepted(status, text)
        unflushed += parameters.bytes.count
        if unflushed >= Self.flushBytes {
            PQflush(connection)
            unflushed = 0
        }
        awaited.append(.statement(text))
        if awaited.count >= Self.aheadLimit { try collect() }
    }

    /// Sends statements and waits for them and for all before them. The results belong to the caller, who clears them.
    func query(_ statements: [(StatementText, ParameterBytes)]) throws -> [OpaquePointer] {
        if awaited.count + 2 * statements.count >= Self.aheadLimit { try collect() }
        for (text, parameters) in statements {
            try send(text, parameters)
            awaited[awaited.count - 1] = .answer(text)
        }
        return try collected()
    }

    /// Waits for everything that was sent; throws the first error among it.
    func collect() throws { _ = try collected() }

    /// - Returns: The answers among the results.
    private func collected() throws -> [OpaquePointer] {
        guard !awaited.isEmpty else { return [] }
        try accepted(PQpipelineSync(connection), StatementText(["synchronise"], holes: 0))
        unflushed = Self.flushBytes
        if !isForMany { stayAwake() }
        let expected = awaited
        awaited.removeAll(keepingCapacity: true)
        var answers: [OpaquePointer] = [], fault: DatabaseFault?
        for one in expected {
            let result = PQgetResult(connection)
            let status = PQresultStatus(result)
            if result == nil || (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
                if fault == nil { fault = faultOf(result, one) }
                if case .preparation(let text) = one { prepared[text] = nil }
                PQclear(result)
            } else if case .answer = one, let result {
                answers.append(result)
            } else {
                PQclear(result)
            }
            if result != nil { PQclear(PQgetResult(connection)) }  // the nil that ends each statement's results
        }
        PQclear(PQgetResult(connection))  // the synchronisation's own
        if let fault {
            for answer in answers { PQclear(answer) }
            throw fault
        }
        return answers
    }

    /// Asks for the first answer without sleeping, for a while: waking takes as long as a server near by takes for a few statements.
    private func stayAwake() {
        let end = ContinuousClock.now + Self.wakeful
        while PQconsumeInput(connection) == 1, PQisBusy(connection) == 1, ContinuousClock.now < end { sched_yield() }
    }

    private func prepare(_ text: StatementText) throws -> String {
        if let name = prepared[text] { return name }
        if prepared.count >= Self.statementLimit {
            try send("DEALLOCATE ALL")
            prepared.removeAll()
        }
        statementNumber += 1
        let name = "s\(statementNumber)"
        try accepted(PQsendPrepare(connection, name, native(text.text), 0, nil), text)
        awaited.append(.preparation(text))
        prepared[text] = name
        return name
    }

    /// PostgreSQL's reading of locks, of texts for LIKE, and of the lists that `IN` takes: one that an index is asked for value by value,
    /// whatever the planner knows.
    private func native(_ text: String) -> String {
        guard text.utf8.contains(0xC2) else { return text }
        let text = text.replacing("§locked", with: "FOR NO KEY UPDATE").replacing("§lower(", with: "lower(")
            .replacing("§OR FAIL ", with: "")
        return text.replacing(#/IN \(SELECT value FROM §(?<kind>integers|texts)\((?<place>\$[0-9]+)\)\)/#) { match in
            "= ANY (\(match.place)::\(match.kind == "texts" ? "text" : "bigint")[])"
        }
    }

    private func accepted(_ status: Int32, _ text: StatementText) throws {
        guard status == 1 else {
            throw DatabaseFault(code: "08006", message: String(cString: PQerrorMessage(connection)), statement: text.text)
        }
    }

    private func faultOf(_ result: OpaquePointer?, _ awaited: Awaited) -> DatabaseFault {
        let text =
            switch awaited {
            case .statement(let text), .answer(let text), .preparation(let text): text.text
            }
        guard let result else { return DatabaseFault(code: "08006", message: String(cString: PQerrorMessage(connection)), statement: text) }
        let sqlState = CInt(UInt8(ascii: "C"))  // PG_DIAG_SQLSTATE, a macro that is not imported
        let code = PQresultErrorField(result, sqlState).map { String(cString: $0) } ?? "08006"
        return DatabaseFault(code: code, message: String(cString: PQresultErrorMessage(result)), statement: text)
    }
}

/// Rows that one connection has inserted into a table, and when they are worth counting again.
private struct TableGrowth {
    /// Below so many rows every plan is quick.
    private static let first = 1_000
    private static let factor = 8

    var rows = 0
    private var due = first

    var isDue: Bool { rows >= due }

    mutating func count() { due = rows * Self.factor }
}
