import ArgumentParser
import Domain
import Operations
import Store

struct OrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Releases held orders or cancels orders that are not billed.",
        discussion: "Example: florin orders held && florin orders release 536365 --role controller --reason 'paid in advance'",
        subcommands: [Release.self, Cancel.self, Held.self])

    struct Decision: ParsableArguments {
        @OptionGroup var books: BooksOptions
        @Argument(help: "Order numbers, as the channel gave them.") var orders: [String]
        @Option(help: "The role of who decides: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: String
        @Option(help: "Why.") var reason: String
        @Option(help: "The channel, where two share an order number.") var channel: String?
        @Option(help: "The business day; today when left out.") var on: Day?

        func take(_ event: OrderState.Event) async throws {
            try await explained {
                let role = try DecideHeldOrders.role(role, to: event)
                let open = try await books.open()
                let decision = DecideHeldOrders(
                    open.entity, orders: orders, channel: channel, event, role: role.rawValue, reason: reason,
                    alone: open.configuration.terms.releaseAloneMinor, on: on ?? .today)
                let act = event == .release ? "florin orders release" : "florin orders cancel"
                let named =
                    Set(orders).sorted().map { (name: "number", value: $0) } + (channel.map { [(name: "channel", value: $0)] } ?? [])
                let audit = open.audit(act, named + [("reason", reason)], by: .commandLine(role))
                try await open.write {
                    try decision.run(in: $0, at: $1)
                    try audit.run(in: $0, at: $1)
                }
                print("\(counted(Set(orders).count, "order")) \(event.rawValue).")
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets held orders go on to billing.",
            discussion: "Example: florin orders release 536365 --role controller --reason 'paid in advance'")
        @OptionGroup var decision: Decision
        func run() async throws { try await decision.take(.release) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes orders out that are not billed yet.",
            discussion: "Example: florin orders cancel 536365 --role clerk --reason 'ordered twice'")
        @OptionGroup var decision: Decision
        func run() async throws { try await decision.take(.cancel) }
    }

    struct Held: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists held orders with the reason.", discussion: "Example: florin orders held")
        @OptionGroup var books: BooksOptions
        @Option(help: "How it is written.") var format = OutputFormat.table
        func run() async throws {
            try await explained {
                let open = try await books.open(toRead: true), entity = open.entity
                print(try await open.database.read { try HeldOrdersReport(entity).table(in: $0) }.text(format))
            }
        }
    }
}
