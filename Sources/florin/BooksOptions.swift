import ArgumentParser
import Domain
import Formats
import Foundation
import Operations
import Store

/// Which books a command works on.
struct BooksOptions: ParsableArguments {
    @Option(help: "The books: a SQLite file, or postgres://… for PostgreSQL; florin.sqlite where nothing names them.") var database: String?
    @Option(help: "The legal entity's number; 1 where nothing names it.") var entity: Int64?
    @Option(help: "The configuration file; florin.toml is read when it is there.") var config: String?

    /// The books of a legal entity that has some.
    ///
    /// - Parameters:
    ///   - toWrite: Brings them to what the configuration says of the seller: only a command that writes may.
    ///   - toRead: Leaves the database as it is, a backup too.
    func open(toWrite: Bool = false, toRead: Bool = false) async throws -> OpenBooks {
        let open = try await openAll(toRead: toRead), entity = open.entity
        let entities = try await open.database.read { try ReadEntities().run(in: $0) }
        guard entities.contains(where: { $0.id == entity }) else { throw LedgerRefusal.unknownEntity(entity) }
        if toWrite { try await open.tellSeller() }
        return open
    }

    /// The database, whether or not the legal entity has books in it.
    ///
    /// - Parameters:
    ///   - creates: Makes a file that is missing: only a command that fills it may.
    ///   - toRead: Leaves the database as it is, a backup too.
    ///   - toCopy: Leaves it as it is, of an older version too.
    func openAll(creates: Bool = false, toRead: Bool = false, toCopy: Bool = false) async throws -> OpenBooks {
        let configuration = try Configuration.load(config), location = try location(configuration), entity = try number(configuration)
        guard creates || isServer(location) || FileManager.default.fileExists(atPath: location) else {
            throw Failure("\(location) does not exist: run florin init to open books, or name the file of yours with --database")
        }
        let database = toRead ? try await readDatabase(location) : try await openDatabase(location, toCopy: toCopy)
        return OpenBooks(database: database, location: location, entity: entity, configuration: configuration)
    }

    /// The file that `openAll` will make; nil when the database is there or on a server.
    func newFile() throws -> String? {
        let location = try location(try Configuration.load(config))
        return isServer(location) || FileManager.default.fileExists(atPath: location) ? nil : location
    }

    private static let whatBooksAre = "write a SQLite file, or postgres://… for PostgreSQL"

    private func location(_ configuration: Configuration) throws -> String {
        let location = database ?? ProcessInfo.processInfo.environment["FLORIN_DATABASE"] ?? configuration.database
        guard !location.isEmpty else {
            throw Failure("\(database == nil ? "FLORIN_DATABASE" : "--database") is empty: \(Self.whatBooksAre)")
        }
        guard isServer(location) || !location.contains("://") else {
            throw Failure("\(shownLocation(location)) is no database that florin works on: \(Self.whatBooksAre)")
        }
        return location
    }

    private func number(_ configuration: Configuration) throws -> ID<Entity> {
        let stated = ProcessInfo.processInfo.environment["FLORIN_ENTITY"]
        let number = entity ?? stated.map { Int64($0) ?? 0 } ?? configuration.entity ?? 0
        guard Configuration.entities.contains(number) else {
            throw Failure(
                "\(entity.map { "--entity \($0)" } ?? "FLORIN_ENTITY=\(stated ?? "")"): write a number from 1 to "
                    + "\(Configuration.entities.upperBound)")
        }
        return ID(number)
    }
}

private func isServer(_ location: String) -> Bool { ["postgres://", "postgresql://"].contains { location.hasPrefix($0) } }

/// - Parameter toCopy: Leaves the database as it is; otherwise it is brought up to date.
func openDatabase(_ location: String, toCopy: Bool = false) async throws -> any Store.Database {
    guard isServer(location) || !BackupFile.isBackup(location) else {
        throw Failure("\(location) is a backup, which is never written: florin restore \(location) --database NEW makes books of it")
    }
    let database: any Store.Database = isServer(location) ? try PostgresDatabase(url: location) : try SQLiteDatabase(path: location)
    if toCopy { try await database.requireSchema(orOlder: true) } else { try await database.migrate() }
    return database
}

/// The database as it is: what only reads upgrades nothing.
private func readDatabase(_ location: String) async throws -> any Store.Database {
    let database: any Store.Database
    if isServer(location) {
        database = try PostgresDatabase(url: location)
    } else {
        database =
            BackupFile.isBackup(location) ? try BackupBooks(path: location) as any Store.Database : try SQLiteDatabase(path: location)
    }
    try await database.requireSchema()
    return database
}

struct OpenBooks: Sendable {
    let database: any Store.Database
    let location: String
    let entity: ID<Entity>
    let configuration: Configuration

    /// Without passwords.
    var shownLocation: String { Store.shownLocation(location) }

    /// One transaction, of a file perhaps one of many.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction, Instant) throws -> Value) async throws -> Value {
        try await database.writeStep(entity: entity) { try body($0, .now) }
    }
    /// Brings the books to what `[seller]` says, where that is of this legal entity and something else.
    func tellSeller() async throws {
        guard let seller = configuration.seller, configuration.entity == entity.value else { return }
        let operation = SaveSeller(entity, seller)
        if try await database.read({ try operation.differs(in: $0) }) { try await write { try operation.run(in: $0, at: $1) } }
    }
    func of(_ entity: ID<Entity>) -> OpenBooks {
        OpenBooks(database: database, location: location, entity: entity, configuration: configuration)
    }
    func day(_ on: Day) -> DayRun { DayRun(database, entity, on: on, configuration.terms, clock: { .now }) }
}

/// What a person reads when a command cannot go on.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description.printable }
}

/// Says business refusals and faults that a person can mend in their own words instead of as Swift values.
func explained<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let refusal as any Refusal { throw Failure("\(refusal.message) [\(refusal.code)]") } catch let
        fault as DatabaseFault
    {
        throw fault.advice.map { Failure($0) } ?? fault
    } catch let fault as FileFault { throw Failure(fault.description) }
}

extension String {
    /// As it is shown, tabs and carriage returns written out too, as a terminal must not obey what a file holds; line ends stay.
    var printable: String {
        shown.unicodeScalars.reduce(into: "") { text, scalar in
            text += ["\t", "\r"].contains(scalar) ? scalar.written : String(scalar)
        }
    }
}

extension Instant {
    static var now: Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}

extension Day {
    static var today: Day { Day(number: Int(Instant.now.microseconds / 86_400_000_000)) }
}

extension Day: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Instant: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
