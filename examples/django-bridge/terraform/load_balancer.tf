resource "aws_lb" "main" {
  name               = local.name
  load_balancer_type = "application"
  security_groups    = [aws_security_group.load_balancer.id]
  subnets            = [for subnet in aws_subnet.public : subnet.id]

  # An internet-facing balancer needs the gateway, and must be gone before it.
  depends_on = [aws_internet_gateway.main]
}

# Targets are instances with a port for bridge, and addresses of tasks for awsvpc.
resource "aws_lb_target_group" "main" {
  for_each = toset(["instance", "ip"])

  name                 = "${local.name}-${each.value}"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = aws_vpc.main.id
  target_type          = each.value
  deregistration_delay = 5

  health_check {
    path                = "/"
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main[local.bridge ? "instance" : "ip"].arn
  }
}
