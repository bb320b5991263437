using System.Net;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("localhost", "localhost:6379")]
    [InlineData("localhost:1234", "localhost:1234")]
    [InlineData("localhost,ssl=true", "localhost:6380")]
    [InlineData("127.0.0.1:1234", "127.0.0.1:1234")]
    [InlineData("[::1]:1234", "[::1]:1234")]
    [InlineData("a:1, b:2 ,a:1", "a:1 b:2")]
    public void Endpoints_get_their_ports(string text, string expected)
    {
        var options = ConfigurationOptions.Parse(text);
        options.SetDefaultPorts();
        Assert.Equal(expected, string.Join(' ', options.EndPoints.Select(EndPointCollection.ToString)));
    }

    [Fact]
    public void All_keys_that_services_use_are_read()
    {
        var options = ConfigurationOptions.Parse(
            "localhost:6379,password=p=w!,user=me,name=api,ssl=true,sslHost=redis.test,abortConnect=false,connectTimeout=1,syncTimeout=2,"
            + "asyncTimeout=3,connectRetry=4,keepAlive=5,defaultDatabase=6,allowAdmin=true,protocol=resp2,tiebreaker=x");

        Assert.Equal(new DnsEndPoint("localhost", 6379), Assert.Single(options.EndPoints));
        Assert.Equal(("p=w!", "me", "api"), (options.Password, options.User, options.ClientName));
        Assert.Equal((true, "redis.test", false), (options.Ssl, options.SslHost, options.AbortOnConnectFail));
        Assert.Equal((1, 2, 3), (options.ConnectTimeout, options.SyncTimeout, options.AsyncTimeout));
        Assert.Equal((4, 5, 6), (options.ConnectRetry, options.KeepAlive, options.DefaultDatabase));
        Assert.Equal((true, RedisProtocol.Resp2), (options.AllowAdmin, options.Protocol));
    }

    [Theory]
    [InlineData("ABORTCONNECT=False", false)]
    [InlineData("abortconnect=yes", true)]
    [InlineData("abortConnect=0", false)]
    [InlineData("abortConnect=on", true)]
    public void Keys_ignore_case_and_flags_have_several_forms(string text, bool expected) =>
        Assert.Equal(expected, ConfigurationOptions.Parse("localhost," + text).AbortOnConnectFail);

    [Theory]
    [InlineData("localhost,pasword=x", "Keyword 'pasword' is not supported.")]
    [InlineData("localhost,ssl=maybe", "requires a boolean value")]
    [InlineData("localhost,connectTimeout=soon", "requires an integer value")]
    [InlineData("localhost,syncTimeout=0", "has a minimum value of '1'")]
    [InlineData("localhost,protocol=4", "requires a RedisProtocol value")]
    [InlineData("  ", "is empty")]
    public void A_bad_connection_string_says_what_is_wrong(string text, string message) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => ConfigurationOptions.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Unknown_keys_can_be_left_out() =>
        Assert.Equal("x", ConfigurationOptions.Parse("localhost,future=1,password=x", ignoreUnknown: true).Password);

    [Fact]
    public void The_text_form_reads_back_and_hides_the_password_if_asked_to()
    {
        const string Text = "localhost:6379,name=api,user=me,password=secret,ssl=True,abortConnect=False,connectRetry=2";
        var options = ConfigurationOptions.Parse(Text);

        Assert.Equal(Text, options.ToString());
        Assert.Equal(Text, options.ToString(includePassword: true));
        Assert.Equal(Text.Replace("secret", "*****", StringComparison.Ordinal), options.ToString(includePassword: false));
    }

    [Fact]
    public void Defaults_are_those_of_the_true_client()
    {
        var options = ConfigurationOptions.Parse("localhost");

        Assert.Equal((true, 5000, 5000, 5000), (options.AbortOnConnectFail, options.ConnectTimeout, options.SyncTimeout, options.AsyncTimeout));
        Assert.Equal((3, 60, false), (options.ConnectRetry, options.KeepAlive, options.Ssl));
        Assert.Same(BacklogPolicy.Default, options.BacklogPolicy);
        Assert.IsType<ExponentialRetry>(options.ReconnectRetryPolicy);
    }

    [Fact]
    public void A_clone_is_independent()
    {
        var options = ConfigurationOptions.Parse("localhost,password=a");
        var clone = options.Clone();
        clone.Password = "b";
        clone.EndPoints.Add("other", 1);

        Assert.Equal("localhost,password=a", options.ToString());
        Assert.Equal("localhost,other:1,password=b", clone.ToString());
    }
}
