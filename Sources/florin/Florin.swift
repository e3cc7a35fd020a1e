import ArgumentParser
import Web

@main struct Florin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "florin", abstract: "Order to cash on one double-entry ledger that proves itself.",
        discussion: """
            Settings come from florin.toml in the working folder (or --config FILE), from the environment (FLORIN_DATABASE, FLORIN_ENTITY, \
            FLORIN_SMTP_PASSWORD) and from options, the later ones first; Examples/florin.toml explains each.
            Example: florin init --name 'Example Ltd' --country GB --currency GBP && florin import orders orders.csv && florin run day
            """,
        version: Release.version,
        subcommands: [
            InitCommand.self, ImportCommand.self, OrderCommand.self, RunCommand.self, ReportCommand.self, CheckCommand.self,
            RulesCommand.self, VerifyMatchesCommand.self, ExportCommand.self,
            BackupCommand.self, RestoreCommand.self, DemoCommand.self, BenchCommand.self, ServeCommand.self, KeyCommand.self,
            PeopleCommand.self,
        ])
}
