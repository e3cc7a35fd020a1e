import ArgumentParser

@main struct Florin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "florin", abstract: "Order to cash on one double-entry ledger that proves itself.",
        subcommands: [Init.self, Check.self])
}
