# Events of an application: from the default bus to a bus of its own, and from there to log groups.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" { region = "ap-northeast-1" }

variable "statuses" {
  type    = list(string)
  default = ["shipped"]
}

resource "aws_cloudwatch_event_bus" "orders" {
  name        = "orders"
  description = "What happens to orders"
  tags        = { team = "shop" }
}

resource "aws_cloudwatch_log_group" "all" {
  name              = "/aws/events/orders"
  retention_in_days = 1
}

resource "aws_cloudwatch_log_group" "brief" {
  name = "/aws/events/brief"
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.all.arn}:*", "${aws_cloudwatch_log_group.brief.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.orders.arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name     = "events"
  policy_document = data.aws_iam_policy_document.logs.json
}

resource "aws_iam_role" "forward" {
  name = "forward"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "forward" {
  role = aws_iam_role.forward.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "events:PutEvents", Resource = aws_cloudwatch_event_bus.orders.arn }]
  })
}

resource "aws_cloudwatch_event_rule" "forward" {
  name_prefix   = "forward-"
  event_pattern = jsonencode({ source = ["shop"] })
}

resource "aws_cloudwatch_event_target" "forward" {
  rule     = aws_cloudwatch_event_rule.forward.name
  arn      = aws_cloudwatch_event_bus.orders.arn
  role_arn = aws_iam_role.forward.arn
}

resource "aws_cloudwatch_event_rule" "orders" {
  name           = "orders"
  description    = "Orders & what becomes of them"
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  event_pattern  = jsonencode({ detail = { status = var.statuses, total = [{ numeric = [">", 10] }] } })
  tags           = { team = "shop" }
}

resource "aws_cloudwatch_event_target" "all" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "all"
  arn            = aws_cloudwatch_log_group.all.arn

  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 3
  }
}

resource "aws_cloudwatch_event_target" "brief" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.orders.arn
  arn            = aws_cloudwatch_log_group.brief.arn

  input_transformer {
    input_paths    = { time = "$.time", order = "$.detail.order", status = "$.detail.status" }
    input_template = <<-TEMPLATE
      {"timestamp": <time>, "message": "<order> is <status>"}
    TEMPLATE
  }
}
