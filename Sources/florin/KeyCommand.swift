import ArgumentParser
import Domain
import Operations
import Web

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Makes keys for programs that use the API.",
        discussion: "Example: florin key create --name 'web shop' --role clerk --scope orders:write", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key and prints it once; the books keep only its digest.",
            discussion: "Example: florin key create --name 'web shop' --role clerk --scope orders:write")
        @OptionGroup var books: BooksOptions
        @Option(help: "What it is for.") var name: String
        @Option(help: "\(Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: String
        @Option(help: "Holds it to a scope such as orders:write; may be repeated. /reference names them.") var scope: [String] = []

        func run() async throws {
            try await explained {
                guard let role = Role(rawValue: role) else { throw PeopleRefusal.unknownRole(role) }
                let scopes = try Endpoint.scopes(named: scope)
                let open = try await books.open()
                let token = Secret.token("key_", of: open.entity)
                let creation = CreateAPIKey(open.entity, name: name, role: role, scopes: scopes, token: token)
                let told = [(name: "name", value: name), (name: "role", value: role.rawValue)]
                let audit = open.audit("florin key create", told + scopes.map { (name: "scope", value: $0) })
                try await open.write {
                    try creation.run(in: $0, at: $1)
                    try audit.run(in: $0, at: $1)
                }
                print(token)
            }
        }
    }
}
