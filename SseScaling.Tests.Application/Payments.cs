using System.Threading.Channels;
using Microsoft.Extensions.Hosting;

namespace SseScaling.Tests.Application;

/// <summary>Publishes what was paid, behind the requests.</summary>
public sealed class Payments(ISsePublisher sse) : BackgroundService
{
    private readonly Channel<OrderPaid> _received = Channel.CreateUnbounded<OrderPaid>();

    /// <summary>Takes a payment, which is told soon.</summary>
    public void Receive(OrderPaid paid) => _received.Writer.TryWrite(paid);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var paid in _received.Reader.ReadAllAsync(stoppingToken))
        {
            await sse.PublishAsync(Topics.Order(paid.Id), paid, new() { Type = OrderPaid.Type, Key = $"paid-{paid.Id}" }, stoppingToken);
            await sse.PublishAsync(Topics.Payments, paid, cancellationToken: stoppingToken);
        }
    }
}
