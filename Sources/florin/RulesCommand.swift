import ArgumentParser
import Domain
import Operations

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "The rules by which cash is applied, as they are in force.",
        discussion: """
            The first rule that fits payer, documents and amount says what is done. To change them, let --settings take the place of \
            [cash], [cash.tolerances] and [cash.weights] in florin.toml: rank is their order.
            Example: florin rules --settings
            """)
    @Option(help: "The configuration file; florin.toml is read when it is there.") var config: String?
    @Option(help: "How it is written.") var format = OutputFormat.table
    @Flag(help: "As settings, whole, for florin.toml.") var settings = false

    func run() async throws {
        try await explained {
            let terms = try Configuration.load(config).terms, rules = CashRules(terms.policy, toleranceMinor: terms.toleranceMinor)
            print(settings ? rules.settings : rules.table.text(format))
        }
    }
}
