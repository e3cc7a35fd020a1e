import ArgumentParser
import Domain
import Operations
import Store

struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Lets people work in several legal entities.",
        discussion: "Example: florin people access --email ann@example.com --to 2 --role administrator", subcommands: [Access.self])

    struct Access: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets the account of a mail address work in another legal entity too, or changes its role there.",
            discussion: "Example: florin people access --email ann@example.com --to 2 --role administrator")
        @OptionGroup var books: BooksOptions
        @Option(help: "Of the account, in the legal entity of --entity.") var email: String
        @Option(help: "The number of the other legal entity.") var to: Int64
        @Option(help: "\(Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: String

        func run() async throws {
            try await explained {
                guard let role = Role(rawValue: role) else { throw PeopleRefusal.unknownRole(role) }
                let open = try await books.open(), entity = open.entity, email = email.lowercased()
                let people = try await open.database.read { try ReadPeople(entity).people(in: $0) }
                guard let person = people.first(where: { $0.email == email }) else { throw PeopleRefusal.unknownPerson }
                let act = "florin people access"
                let grant = GrantAccess(Home(entity, person.id), to: ID(to), role, by: .commandLine(), as: act)
                let before = try await grant.run(open.database, at: .now)
                let audit = open.audit(
                    act,
                    [
                        ("person", String(person.id)), ("legal_entity", String(to)), ("role", role.rawValue),
                        ("before", before?.rawValue ?? "none"),
                    ])
                try await open.write { try audit.run(in: $0, at: $1) }
                print("\(email) works in legal entity \(to) as \(role.rawValue).")
            }
        }
    }
}
