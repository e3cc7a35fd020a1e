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
                try await GrantAccess(Home(entity, person.id), to: ID(to), role).run(open.database, at: .now)
                print("\(email) works in legal entity \(to) as \(role.rawValue).")
            }
        }
    }
}
