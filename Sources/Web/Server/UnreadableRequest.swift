import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

/// Gives the bare 400, with which the server answers what is no HTTP, its status, its code and its words.
///
/// It stands in the way of what comes alone: a connection without faults writes past it.
final class UnreadableRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    /// Of one field or the address, of all fields, and how many fields there may be.
    static let fieldBytes = 16 << 10, listBytes = 32 << 10, fieldCount = 100

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = error as? HTTPParserError {
            do {
                try context.pipeline.syncOperations.addHandler(UnreadableAnswer(fault), position: .after(self))
            } catch { preconditionFailure("a handler that is called stands in its pipeline: \(error)") }
        }
        context.fireErrorCaught(error)
    }

    /// The parser counts the address as a field: which of them was too long is not known.
    static func answer(to fault: HTTPParserError) -> Answer {
        switch fault {
        case .headerOverflow:
            .problem(
                .requestHeaderFieldsTooLarge, "headers_too_large",
                "the address and each header may have \(fieldBytes) bytes, "
                    + "all headers together \(listBytes) in at most \(fieldCount) fields: shorten them")
        default: .problem(.badRequest, "request_unreadable", "this is no request of HTTP/1.1: \(fault.debugDescription)")
        }
    }
}

/// Puts one fault's status, code and words in place of the bare 400.
private final class UnreadableAnswer: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let fault: HTTPParserError
    private var isTold = false
    init(_ fault: HTTPParserError) { self.fault = fault }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isTold, case .head(let head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headers.first(name: "content-length") == "0"
        else {
            context.write(data, promise: promise)
            return
        }
        isTold = true
        let answer = UnreadableRequest.answer(to: fault)
        var headers = HTTPHeaders()
        for field in answer.response(isHead: true).headers { headers.replaceOrAdd(name: field.name.rawName, value: field.value) }
        headers.replaceOrAdd(name: "connection", value: "close")
        let status = HTTPResponseStatus(statusCode: answer.status.code)
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.bytes)))), promise: promise)
    }
}

/// Puts `UnreadableRequest` where the server's parser tells its faults.
final class UnreadableRequestPlacing: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(UnreadableRequest(), position: .after(parser))
        } catch { preconditionFailure("a connection of HTTP/1.1 has a parser: \(error)") }
    }
}
